// @ts-check
/** What can be read on a colour; the same reckoning as `domain/colour.rs`. */

/** @param {string} text */
export function isColour(text) {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/**
 * How bright a colour is to the eye, from 0 to 1.
 * @param {string} colour `#rrggbb`
 */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * White or black, whichever can be read better on a colour.
 * @param {string} colour `#rrggbb`
 * @returns {string}
 */
export function textOn(colour) {
  const bright = luminance(colour);
  return 1.05 / (bright + 0.05) >= (bright + 0.05) / 0.05 ? '#ffffff' : '#000000';
}
