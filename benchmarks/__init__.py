"""What fastnn costs: an asv suite, a race against other programs, and a roofline.

`README.md` beside this file says how to run each and how to read what it prints.
"""
