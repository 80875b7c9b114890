// Draws the app's icon, a sheet with lines on a coloured square: icon.ts SIZE COLOUR FILE (COLOUR as rrggbb)
import { writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const [sizeText = "48", colour = "2f6f9f", file = "icon.png"] = process.argv.slice(2);
const size = Number(sizeText);
const background = Buffer.from(colour, "hex");
const sheet = Buffer.from("fdfaf0", "hex");

function pixel(x: number, y: number): Buffer {
  const [across, down] = [x / size, y / size];
  const onSheet = across >= 0.25 && across < 0.75 && down >= 0.2 && down < 0.8;
  const onLine = across >= 0.33 && across < 0.67 && down >= 0.3 && down < 0.7 && Math.floor(down * 20) % 3 === 0;
  return onSheet && !onLine ? sheet : background;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const header = Buffer.alloc(13);
header.writeUInt32BE(size, 0);
header.writeUInt32BE(size, 4);
header.set([8, 2], 8); // 8 bits a channel, RGB

const rows: Buffer[] = [];
for (let y = 0; y < size; y++) {
  rows.push(Buffer.of(0)); // no filter
  for (let x = 0; x < size; x++) rows.push(pixel(x, y));
}

writeFileSync(
  file,
  Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]),
);
