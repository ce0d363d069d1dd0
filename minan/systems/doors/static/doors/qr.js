/* A QR symbol (ISO/IEC 18004) of a short text, bytes, level L, versions 1 to 20: so that a phone draws its own code without network. */
const Qr = (function () {
  "use strict";
  const ECC = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
  const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
  const EXP = new Uint8Array(512), LOG = new Uint8Array(256);
  for (let i = 0, x = 1; i < 255; i++) { EXP[i] = x; LOG[x] = i; x = (x << 1) ^ (x & 128 ? 0x11d : 0); }
  for (let i = 255; i < 512; i++) EXP[i] = EXP[i - 255];
  const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

  function spots(version) {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2, size = version * 4 + 17;
    const step = Math.ceil((size - 13) / (2 * count - 2)) * 2, out = [6];
    for (let at = size - 7; out.length < count; at -= step) out.splice(1, 0, at);
    return out;
  }
  function capacity(version) {
    let bits = (16 * version + 128) * version + 64;
    if (version > 1) { const n = Math.floor(version / 7) + 2; bits -= (25 * n - 10) * n - 55; if (version > 6) bits -= 36; }
    return bits >> 3;
  }
  function remainder(data, degree) {
    let poly = [1];
    for (let i = 0; i < degree; i++) {
      const next = new Array(poly.length + 1).fill(0);
      poly.forEach((c, j) => { next[j] ^= c; next[j + 1] ^= times(c, EXP[i]); });
      poly = next;
    }
    const rest = new Array(degree).fill(0);
    for (const byte of data) {
      const factor = byte ^ rest.shift();
      rest.push(0);
      for (let i = 0; i < degree; i++) rest[i] ^= times(poly[i + 1], factor);
    }
    return rest;
  }
  function codewords(bytes, version) {
    const total = capacity(version), blocks = BLOCKS[version - 1], ecc = ECC[version - 1], room = total - blocks * ecc, bits = [];
    const put = (value, length) => { for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1); };
    put(4, 4); put(bytes.length, version < 10 ? 8 : 16);
    bytes.forEach((byte) => put(byte, 8));
    put(0, Math.min(4, room * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    const data = [];
    for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(""), 2));
    for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
    const short = Math.floor(room / blocks), longer = room % blocks, parts = [];
    for (let i = 0, at = 0; i < blocks; i++) {
      const length = short + (i >= blocks - longer ? 1 : 0), part = data.slice(at, at += length);
      parts.push({ part, rest: remainder(part, ecc) });
    }
    const out = [];
    for (let i = 0; i <= short; i++) parts.forEach((p) => { if (i < p.part.length) out.push(p.part[i]); });
    for (let i = 0; i < ecc; i++) parts.forEach((p) => out.push(p.rest[i]));
    return out;
  }
  const MASKS = [(x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
    (x, y) => ((x * y) % 2) + ((x * y) % 3), (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2];

  function matrix(text, mask) {
    const bytes = Array.from(new TextEncoder().encode(text));
    let version = 1;
    const fits = (v) => capacity(v) - BLOCKS[v - 1] * ECC[v - 1] >= bytes.length + (v < 10 ? 2 : 3);
    while (version <= 20 && !fits(version)) version++;
    if (version > 20) throw new Error("too long");
    const size = version * 4 + 17, rows = Array.from({ length: size }, () => new Array(size).fill(0)), fixed = rows.map((r) => r.slice());
    const set = (x, y, dark) => { if (x >= 0 && y >= 0 && x < size && y < size) { rows[y][x] = dark ? 1 : 0; fixed[y][x] = 1; } };
    for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
    [[3, 3], [size - 4, 3], [3, size - 4]].forEach(([cx, cy]) => {
      for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) { const d = Math.max(Math.abs(dx), Math.abs(dy)); set(cx + dx, cy + dy, d !== 2 && d !== 4); }
    });
    const at = spots(version), last = at.length - 1;
    at.forEach((cx, i) => at.forEach((cy, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }));
    if (version > 6) {
      let rest = version;
      for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
      const bits = (version << 12) | rest;
      for (let i = 0; i < 18; i++) { const a = size - 11 + (i % 3), b = Math.floor(i / 3), dark = (bits >> i) & 1; set(a, b, dark); set(b, a, dark); }
    }
    let form = (1 << 3) | mask, rest = form;
    for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    form = ((form << 10) | rest) ^ 0x5412;
    const bit = (i) => (form >> i) & 1;
    for (let i = 0; i <= 5; i++) set(8, i, bit(i));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
    set(8, size - 8, 1);
    const words = codewords(bytes, version);
    let n = 0;
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let v = 0; v < size; v++) for (let j = 0; j < 2; j++) {
        const x = right - j, y = ((right + 1) & 2) === 0 ? size - 1 - v : v;
        if (fixed[y][x]) continue;
        const dark = n < words.length * 8 ? (words[n >> 3] >> (7 - (n & 7))) & 1 : 0;
        n++;
        rows[y][x] = dark ^ (MASKS[mask](x, y) === 0 ? 1 : 0);
      }
    }
    return rows;
  }
  function ugly(rows) { // long runs and blocks: what readers stumble over
    let sum = 0;
    const size = rows.length;
    for (let y = 0; y < size; y++) for (const line of [rows[y], rows.map((r) => r[y])]) {
      let run = 1;
      for (let x = 1; x <= size; x++) { if (x < size && line[x] === line[x - 1]) run++; else { if (run >= 5) sum += run - 2; run = 1; } }
    }
    for (let y = 1; y < size; y++) for (let x = 1; x < size; x++) if (rows[y][x] === rows[y - 1][x] && rows[y][x] === rows[y][x - 1] && rows[y][x] === rows[y - 1][x - 1]) sum += 3;
    return sum;
  }
  function best(text) {
    let found = null, least = Infinity;
    for (let mask = 0; mask < 8; mask++) { const rows = matrix(text, mask), sum = ugly(rows); if (sum < least) { least = sum; found = rows; } }
    return found;
  }
  function draw(svg, text) {
    const rows = best(text), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", rows.map((row, y) => row.map((dark, x) => (dark ? "M" + (x + 4) + " " + (y + 4) + "h1v1h-1z" : "")).join("")).join(""));
    svg.setAttribute("viewBox", "0 0 " + (rows.length + 8) + " " + (rows.length + 8));
    svg.setAttribute("shape-rendering", "crispEdges");
    svg.replaceChildren(path);
  }
  return { matrix, draw };
})();
