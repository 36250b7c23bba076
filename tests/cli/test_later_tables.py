"""Tables that come after training: what `predict`, `evaluate` and `--test-data` say of them."""

import pytest
from small_program import assert_one_line_of_error
from table_files import write
from table_networks import network_of

pytest.importorskip("pandas")

PLAIN = ["x\tlabel", *["1\tA", "2\tB"] * 10]
GARBLED = b"x\tlabel\n" + b"1\tA\x81\n2\tB\n" * 10


@pytest.fixture
def net(tmp_path):
    """The file of a network whose table did not say what commas are."""
    network = network_of(write(tmp_path / "t.tsv", PLAIN))
    network.columns = network.columns._replace(separator="", decimal="")
    network.save(tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_predict_and_evaluate_warn_of_what_may_be_read_wrongly(fastnn_program, net, tmp_path):
    path = write(tmp_path / "new.tsv", ["x\tlabel", "1,250\tA", "2,500\tB"])
    for command in ("predict", "evaluate"):
        status, out, err = fastnn_program(command, net, path)
        assert status == 0
        warning = "Warning: commas are taken for decimal signs: 1,250 is read as 1.250, not 1250"
        assert warning in err
        assert warning not in out


def test_predict_warns_of_characters_that_are_lost(fastnn_program, net, tmp_path):
    path = tmp_path / "new.tsv"
    path.write_bytes(GARBLED)
    status, _, err = fastnn_program("predict", net, path)
    assert status == 0
    assert any(line.startswith("Warning: it is neither UTF-8 nor") for line in err)


def test_train_says_how_its_test_data_were_understood(fastnn_program, tmp_path):
    path = tmp_path / "new.tsv"
    path.write_bytes(
        GARBLED.replace(b"x\t", b"more\tx\t").replace(b"\n1", b"\n7\t1").replace(b"\n2", b"\n7\t2")
    )
    data = write(tmp_path / "t.tsv", PLAIN)
    status, _, err = fastnn_program(
        "train", "--data", data, "--test-data", path, "--seed", 1, "--epochs", 1
    )
    assert status == 0
    assert any(line.startswith(f"Warning: {path}: it is neither UTF-8 nor") for line in err)
    assert any(line.startswith(f"Note: {path}: 1 column that the network does") for line in err)


def test_predict_refuses_a_header_that_differs_in_capitals(fastnn_program, tmp_path):
    lines = ["shape,colour,label", *["big,red,A", "small,blue,B", "big,blue,A"] * 9]
    network_of(write(tmp_path / "t.csv", lines)).save(tmp_path / "net.npz")
    new = write(tmp_path / "new.csv", ["Shape,Colour", *["big,red", "small,blue"] * 3])
    result = fastnn_program("predict", tmp_path / "net.npz", new)
    assert_one_line_of_error(result, "new.csv", "no column shape, colour (there are Shape, Colour)")


def test_rows_without_a_label_are_left_out_of_test_data_as_of_training_data(
    fastnn_program, tmp_path
):
    data, test = (write(tmp_path / name, [*PLAIN, "3\t"]) for name in ("d.tsv", "t.tsv"))
    words = ["train", "--data", data, "--test-data", test, "--seed", 1, "--epochs", 1]
    status, out, err = fastnn_program(*words, "--drop-missing")
    assert (status, err) == (0, [])
    assert f"Note: {test}: 1 row without a label left out" in out
    assert any(line.startswith("Accuracy on test data: ") and "/ 20" in line for line in out)
    write(tmp_path / "full.tsv", PLAIN)
    words[2] = tmp_path / "full.tsv"
    assert_one_line_of_error(fastnn_program(*words), "t.tsv", "line 22, column 2 (label)")
