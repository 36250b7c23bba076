"""A field to draw a digit on, by mouse, finger or keys."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

_SCRIPT = """
const SIDE = 28

export function render({ model }) {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIDE
  canvas.tabIndex = 0
  canvas.setAttribute('role', 'application')
  canvas.setAttribute('aria-label', 'Field to draw a digit on. Arrow keys move the pen, ' +
    'the space bar lowers and lifts it, Delete empties the field.')
  const ink = new Float64Array(SIDE * SIDE)
  const pen = { x: 14, y: 6, down: false, shown: false }
  let last = null
  let timer = null

  function paint() {
    const context = canvas.getContext('2d')
    const image = context.createImageData(SIDE, SIDE)
    for (let i = 0; i < ink.length; i++) {
      image.data.fill(255 - Math.round(235 * ink[i]), 4 * i, 4 * i + 3)
      image.data[4 * i + 3] = 255
    }
    context.putImageData(image, 0, 0)
    if (pen.shown) {
      context.fillStyle = pen.down ? '#b86500' : '#0067b1'
      context.fillRect(Math.round(pen.x), Math.round(pen.y), 1, 1)
    }
  }

  function tell() {
    if (timer === null) timer = setTimeout(tellNow, 60)
  }

  // Nothing is told after what the visitor does next, such as emptying the field.
  function tellNow() {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    model.pixels = Array.from(ink, (value) => Math.round(value * 255) / 255)
    model.told += 1 // equal pixels are no change, and would not be told
  }

  // A soft round brush; of overlapping dabs the darkest counts.
  function dab(x, y) {
    for (let row = Math.floor(y) - 2; row <= y + 2; row++) {
      for (let column = Math.floor(x) - 2; column <= x + 2; column++) {
        if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) {
          const distance = Math.hypot(column - x, row - y)
          const value = Math.max(0, Math.min(1, 2 - distance))
          const place = row * SIDE + column
          ink[place] = Math.max(ink[place], value)
        }
      }
    }
  }

  function stroke(from, to) {
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)))
    for (let i = 0; i <= steps; i++) {
      dab(from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps)
    }
    paint()
    tell()
  }

  function place(event) {
    const box = canvas.getBoundingClientRect()
    return {
      x: (event.clientX - box.left) / box.width * SIDE - 0.5,
      y: (event.clientY - box.top) / box.height * SIDE - 0.5,
    }
  }

  function empty() {
    ink.fill(0)
    paint()
    tell()
  }

  // A second finger, a palm beside the pen and the other buttons of a mouse draw nothing.
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return
    canvas.setPointerCapture(event.pointerId)
    last = place(event)
    stroke(last, last)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (last !== null && event.isPrimary) {
      const next = place(event)
      stroke(last, next)
      last = next
    }
  })
  for (const name of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(name, (event) => {
      if (!event.isPrimary) return
      last = null
      tellNow()
    })
  }
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  canvas.addEventListener('keydown', (event) => {
    if (event.key in steps) {
      const [dx, dy] = steps[event.key]
      const next = {
        x: Math.min(SIDE - 1, Math.max(0, pen.x + dx)),
        y: Math.min(SIDE - 1, Math.max(0, pen.y + dy)),
      }
      const before = { x: pen.x, y: pen.y }
      Object.assign(pen, next)
      if (pen.down) stroke(before, next)
    } else if (event.key === ' ') {
      pen.down = !pen.down
      if (pen.down) stroke(pen, pen)
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      empty()
    } else {
      return
    }
    event.preventDefault()
    paint()
  })
  canvas.addEventListener('focus', () => { pen.shown = canvas.matches(':focus-visible'); paint() })
  canvas.addEventListener('blur', () => {
    pen.shown = false
    pen.down = false
    paint()
    tellNow()
  })
  // Python puts an image of MNIST, or nothing, into the field.
  model.on('shown', () => {
    if (model.shown.length === ink.length) ink.set(model.shown)
    else ink.fill(0)
    paint()
  })
  paint()
  return canvas
}
"""

_STYLE = """
canvas {
  width: 252px; height: 252px; image-rendering: pixelated; touch-action: none; cursor: crosshair;
  border: 2px solid #5f6368; border-radius: 4px;
}
canvas:focus-visible { outline: 3px solid #0067b1; outline-offset: 2px; }
"""


class Pad(JSComponent):
    """A field of 28 x 28 pixels.

    Attributes
    ----------
    pixels : list of float
        What the visitor drew, 784 numbers from 0 to 1.
    told : int
        How often the visitor has drawn or emptied something; it changes after `pixels`.
    shown : list of float
        What Python puts there; empty for an empty field.
    """

    pixels: Any = param.List(default=[])
    told: Any = param.Integer(default=0)
    shown: Any = param.List(default=[])

    _esm = _SCRIPT
    _stylesheets = [_STYLE]  # noqa: RUF012  # Panel reads it from the class
