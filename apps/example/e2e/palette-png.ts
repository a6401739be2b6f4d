import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

const COLOURS = 256;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Colours that are closer than this, as a squared distance, share a place. */
const CLOSE = 48;

/** The same picture in 256 colours, a third of the size. The page decodes it, so that nothing has to be installed for that. */
export const palettePng = async (page: Page, png: Buffer): Promise<Buffer> => {
  const { width, height, pixels } = await decoded(page, png);
  const palette = paletteOf(pixels);
  const nearest = nearestIn(palette);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + x + 1] = nearest(colourAt(pixels, (y * width + x) * 4));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.from([...bytes(width), ...bytes(height), 8, 3, 0, 0, 0])),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const decoded = async (page: Page, png: Buffer): Promise<{ readonly width: number; readonly height: number; readonly pixels: Buffer }> => {
  const { base64, ...size } = await page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const { width, height } = image;
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, width, height) ?? { data: new Uint8ClampedArray() };
      let text = '';
      for (let start = 0; start < data.length; start += 8_192) text += String.fromCharCode(...data.subarray(start, start + 8_192));
      return { width, height, base64: btoa(text) };
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  return { ...size, pixels: Buffer.from(base64, 'base64') };
};

const colourAt = (pixels: Buffer, offset: number): number => pixels.readUIntBE(offset, 3);
const channels = (colour: number): readonly number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

const distance = (one: number, other: number): number => {
  const [r = 0, g = 0, b = 0] = channels(one);
  const [red = 0, green = 0, blue = 0] = channels(other);
  return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
};

/** The most frequent ones, without near twins. */
const paletteOf = (pixels: Buffer): readonly number[] => {
  const counts = new Map<number, number>();
  for (let offset = 0; offset < pixels.length; offset += 4) {
    const colour = colourAt(pixels, offset);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette: number[] = [];
  for (const [colour] of [...counts].sort(([, one], [, other]) => other - one))
    if (palette.length < COLOURS && palette.every((chosen) => distance(chosen, colour) >= CLOSE)) palette.push(colour);
  return palette;
};

const nearestIn = (palette: readonly number[]): ((colour: number) => number) => {
  const known = new Map<number, number>();
  return (colour) => {
    const found = known.get(colour);
    if (found !== undefined) return found;
    const distances = palette.map((candidate) => distance(candidate, colour));
    const index = distances.indexOf(Math.min(...distances));
    known.set(colour, index);
    return index;
  };
};

const bytes = (number: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(number);
  return buffer;
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([bytes(data.length), body, bytes(crc32(body))]);
};
