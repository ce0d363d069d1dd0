/* The second verifier: checks receipts, checkpoints and promises of a Minan ledger in a browser, from first principles.

   No library, no WebCrypto, no network, and no line in common with the server's Python: SHA-256 and SHA-512 (FIPS 180-4),
   Ed25519 (RFC 8032), Merkle proofs (RFC 6962, RFC 9162 §2.1.3.2 and §2.1.4.2), signed notes, checkpoints and cosignatures
   (C2SP signed-note, tlog-checkpoint, tlog-cosignature). Pure functions; whatever does not hold is thrown as MinanVerifier.Wrong,
   whose `message` is one of the words at its throw. The same file stands inside the page that runs from disk. */
(function (root) {
  "use strict";

  class Wrong extends Error {
    constructor(word, n) { super(word); this.name = "Wrong"; this.n = n; } // n: the event it is about, where it is about one
  }
  function must(holds, word) { if (!holds) throw new Wrong(word); }

  // ---- bytes

  function utf8(text) { return new TextEncoder().encode(text); }
  const PAIRS = Array.from({ length: 256 }, function (_, b) { return b.toString(16).padStart(2, "0"); });
  function hex(bytes) { let out = ""; for (const b of bytes) out += PAIRS[b]; return out; }
  function unhex(text) { // small letters only: one form of each value
    must(typeof text === "string" && /^(?:[0-9a-f]{2})*$/.test(text), "hex");
    const out = new Uint8Array(text.length / 2);
    for (let i = 0; i < out.length; i += 1) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
    return out;
  }
  function unbase64(text) { // only the one shortest form of each value
    must(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, "base64");
    const raw = root.atob(text);
    must(root.btoa(raw) === text, "base64");
    return Uint8Array.from(raw, function (letter) { return letter.charCodeAt(0); });
  }
  function join() {
    const parts = Array.from(arguments), out = new Uint8Array(parts.reduce(function (sum, part) { return sum + part.length; }, 0));
    let at = 0;
    for (const part of parts) { out.set(part, at); at += part.length; }
    return out;
  }
  function equal(a, b) { return a.length === b.length && a.every(function (byte, i) { return byte === b[i]; }); }
  function little(bytes) { return BigInt("0x" + (hex(Uint8Array.from(bytes).reverse()) || "0")); }
  function big(bytes) { return BigInt("0x" + (hex(bytes) || "0")); }

  // ---- SHA-2: its constants are the fractions of square and cube roots of the first primes, so none is written down here

  function floorRoot(number, k) {
    let low = 0n, high = 1n << 80n;
    while (high - low > 1n) { const middle = (low + high) >> 1n; if (middle ** k <= number) low = middle; else high = middle; }
    return low;
  }
  const PRIMES = [];
  for (let n = 2; PRIMES.length < 80; n += 1) if (PRIMES.every(function (p) { return n % p !== 0; })) PRIMES.push(n);
  const START = PRIMES.slice(0, 8).map(function (p) { return BigInt.asUintN(64, floorRoot(BigInt(p) << 128n, 2n)); });
  const ROUND = PRIMES.map(function (p) { return BigInt.asUintN(64, floorRoot(BigInt(p) << 192n, 3n)); });
  const START_32 = START.map(function (word) { return Number(word >> 32n); });
  const ROUND_32 = Int32Array.from(ROUND.slice(0, 64), function (word) { return Number(BigInt.asIntN(32, word >> 32n)); });

  function padded(message, block) { // a one, zeros, and the length in bits at the end of the last block
    const out = new Uint8Array(Math.ceil((message.length + 1 + block / 8) / block) * block);
    out.set(message);
    out[message.length] = 0x80;
    new DataView(out.buffer).setBigUint64(out.length - 8, BigInt(message.length) * 8n);
    return new DataView(out.buffer);
  }

  function sha256(message) {
    const data = padded(message, 64), state = Int32Array.from(START_32), w = new Int32Array(64), out = new DataView(new ArrayBuffer(32));
    for (let at = 0; at < data.byteLength; at += 64) {
      for (let t = 0; t < 16; t += 1) w[t] = data.getInt32(at + 4 * t);
      for (let t = 16; t < 64; t += 1) {
        const x = w[t - 15], y = w[t - 2];
        const one = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const two = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[t] = w[t - 16] + one + w[t - 7] + two;
      }
      let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
      for (let t = 0; t < 64; t += 1) {
        const low = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const high = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const one = (h + low + ((e & f) ^ (~e & g)) + ROUND_32[t] + w[t]) | 0;
        const two = (high + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
    state.forEach(function (word, i) { out.setInt32(4 * i, word); });
    return new Uint8Array(out.buffer);
  }

  function sha512(message) {
    const data = padded(message, 128), state = START.slice(), w = new Array(80);
    function cut(x) { return BigInt.asUintN(64, x); }
    function turn(x, n) { return (x >> n) | cut(x << (64n - n)); }
    for (let at = 0; at < data.byteLength; at += 128) {
      for (let t = 0; t < 80; t += 1) {
        if (t < 16) { w[t] = data.getBigUint64(at + 8 * t); continue; }
        const x = w[t - 15], y = w[t - 2];
        w[t] = cut(w[t - 16] + w[t - 7] + (turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n)) + (turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n)));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let t = 0; t < 80; t += 1) {
        const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (cut(~e) & g)) + ROUND[t] + w[t];
        const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g; g = f; f = e; e = cut(d + one); d = c; c = b; b = a; a = cut(one + two);
      }
      [a, b, c, d, e, f, g, h].forEach(function (word, i) { state[i] = cut(state[i] + word); });
    }
    const out = new DataView(new ArrayBuffer(64));
    state.forEach(function (word, i) { out.setBigUint64(8 * i, word); });
    return new Uint8Array(out.buffer);
  }

  // ---- Ed25519: points as (X, Y, Z, T), RFC 8032 §5.1.4

  const P = 2n ** 255n - 19n, ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  function mod(a) { const rest = a % P; return rest < 0n ? rest + P : rest; }
  function power(base, exponent) {
    let out = 1n;
    for (let b = mod(base), e = exponent; e > 0n; e >>= 1n) { if (e & 1n) out = out * b % P; b = b * b % P; }
    return out;
  }
  const D = mod(-121665n * power(121666n, P - 2n)), HALF_TURN = power(2n, (P - 1n) / 4n);
  const ZERO = [0n, 1n, 1n, 0n];

  function add(p, q) {
    const a = (p[1] - p[0]) * (q[1] - q[0]) % P, b = (p[1] + p[0]) * (q[1] + q[0]) % P;
    const c = 2n * D * p[3] % P * q[3] % P, d = 2n * p[2] * q[2] % P, e = b - a, f = d - c, g = d + c, h = b + a;
    return [e * f % P, g * h % P, f * g % P, e * h % P];
  }
  function twice(p) {
    const a = p[0] * p[0] % P, b = p[1] * p[1] % P, c = 2n * p[2] * p[2] % P, sum = p[0] + p[1];
    const h = a + b, e = h - sum * sum % P, g = a - b, f = c + g;
    return [e * f % P, g * h % P, f * g % P, e * h % P];
  }
  function point(bytes) { // RFC 8032 §5.1.3; null where the bytes are no point
    const number = little(bytes), y = BigInt.asUintN(255, number), odd = number >> 255n;
    if (y >= P) return null;
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
    let x = u * v ** 3n % P * power(u * v ** 7n, (P - 5n) / 8n) % P;
    const square = v * x % P * x % P;
    if (square !== u) { if (square !== mod(-u)) return null; x = x * HALF_TURN % P; }
    if (x === 0n && odd) return null;
    if ((x & 1n) !== odd) x = P - x;
    return [x, y, 1n, x * y % P];
  }
  function packed(p) {
    const inverse = power(p[2], P - 2n), x = mod(p[0] * inverse), y = mod(p[1] * inverse);
    return unhex((y | ((x & 1n) << 255n)).toString(16).padStart(64, "0")).reverse();
  }
  const BASE = point(unhex("58" + "66".repeat(31)));

  const tables = new Map(); // of a key: the sums i·B − j·A for i, j < 4, by which two bits of both factors are taken at a time
  function table(key) {
    const name = hex(key);
    if (!tables.has(name)) {
      const a = point(key), rows = [];
      if (a !== null) {
        const minus = [P - a[0], a[1], 1n, P - a[3]];
        for (let i = 0, left = ZERO; i < 4; i += 1, left = add(left, BASE)) {
          for (let j = 0, sum = left; j < 4; j += 1, sum = add(sum, minus)) rows.push(sum);
        }
      }
      if (tables.size > 64) tables.clear();
      tables.set(name, rows);
    }
    return tables.get(name);
  }

  /* Whether `signature` (64 bytes) of `message` holds under the public `key` (32 bytes): S·B − h·A is R, byte for byte. */
  function ed25519(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    const rows = table(key), r = signature.slice(0, 32), s = little(signature.slice(32));
    if (rows.length === 0 || s >= ORDER) return false;
    const h = little(sha512(join(r, key, message))) % ORDER;
    let sum = ZERO;
    for (let bit = 252n; bit >= 0n; bit -= 2n) {
      sum = twice(twice(sum));
      const row = Number(((s >> bit) & 3n) * 4n + ((h >> bit) & 3n));
      if (row) sum = add(sum, rows[row]);
    }
    return equal(packed(sum), r);
  }

  // ---- Merkle tree

  function node(left, right) { return sha256(join([1], left, right)); }

  /* Whether `proof`, from leaf to root, shows the leaf at `index` of the tree of `size` with this root. */
  function inclusion(leaf, index, size, proof, rootHash) {
    if (!(index >= 0 && index < size)) return false;
    let at = index, last = size - 1, hash = leaf;
    for (const step of proof) {
      if (last === 0) return false;
      if (at % 2 === 1 || at === last) {
        hash = node(step, hash);
        while (at % 2 === 0 && at !== 0) { at /= 2; last = Math.floor(last / 2); }
      } else hash = node(hash, step);
      at = Math.floor(at / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 && equal(hash, rootHash);
  }

  /* Whether `proof` shows that the tree (sizeB, rootB) begins with the tree (sizeA, rootA). */
  function consistency(sizeA, rootA, sizeB, rootB, proof) {
    if (!(sizeA >= 0 && sizeA <= sizeB)) return false;
    if (sizeA === sizeB) return proof.length === 0 && equal(rootA, rootB);
    if (sizeA === 0) return proof.length === 0 && equal(rootA, sha256([]));
    const path = Number.isInteger(Math.log2(sizeA)) ? [rootA].concat(proof) : proof.slice();
    if (path.length === 0) return false;
    let at = sizeA - 1, last = sizeB - 1, before = path[0], after = path[0];
    while (at % 2 === 1) { at = Math.floor(at / 2); last = Math.floor(last / 2); }
    for (const step of path.slice(1)) {
      if (last === 0) return false;
      if (at % 2 === 1 || at === last) {
        before = node(step, before);
        after = node(step, after);
        while (at % 2 === 0 && at !== 0) { at /= 2; last = Math.floor(last / 2); }
      } else after = node(after, step);
      at = Math.floor(at / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 && equal(before, rootA) && equal(after, rootB);
  }

  // ---- signed notes

  const LOG = 1, WITNESS = 4, NAME = /^[^\s+\x00-\x1f]+$/;

  /* A verifier key `name+id+base64(kind ‖ public key)`: {name, id, kind, key}. */
  function verifierKey(text) {
    const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(String(text).trim()) || [];
    must(name !== undefined && NAME.test(name), "key");
    const bytes = unbase64(encoded);
    must(bytes.length === 33 && (bytes[0] === LOG || bytes[0] === WITNESS), "key");
    must(hex(sha256(join(utf8(name + "\n"), bytes)).slice(0, 4)) === id, "key");
    return { name: name, id: id, kind: bytes[0], key: bytes.slice(1) };
  }

  /* The text of a note and what signed it: [{name, id, blob}], nothing verified. */
  function note(text) {
    must(typeof text === "string" && text.length < 1 << 20, "note");
    const gap = text.lastIndexOf("\n\n"), said = text.slice(0, gap + 1), tail = text.slice(gap + 2);
    must(gap > 0 && tail.endsWith("\n") && !/[\x00-\x09\x0b-\x1f]/.test(said), "note");
    const signatures = tail.slice(0, -1).split("\n").map(function (line) {
      const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) || [];
      must(name !== undefined && NAME.test(name), "note");
      const bytes = unbase64(encoded);
      must(bytes.length > 4, "note");
      return { name: name, id: hex(bytes.slice(0, 4)), blob: bytes.slice(4) };
    });
    must(signatures.length <= 100, "note");
    return { text: said, signatures: signatures };
  }

  const held = new Map(); // a checkpoint stands under many receipts: each signature is computed once
  function holds(key, message, blob) {
    const name = hex(key) + hex(blob) + message;
    if (held.size > 64) held.clear();
    if (!held.has(name)) held.set(name, ed25519(key, utf8(message), blob));
    return held.get(name);
  }

  /* When `key` signed the note: 0 for a log's key, seconds since 1970 for a witness's; null where it did not. A wrong one throws. */
  function signed(opened, key) {
    let when = null;
    for (const one of opened.signatures) {
      if (one.name !== key.name || one.id !== key.id) continue;
      let time = 0, blob = one.blob, message = opened.text;
      if (key.kind === WITNESS) {
        must(blob.length === 72, "signature");
        time = Number(big(blob.slice(0, 8)));
        message = "cosignature/v1\ntime " + big(blob.slice(0, 8)) + "\n" + message;
        blob = blob.slice(8);
      }
      must(holds(key.key, message, blob), "signature");
      if (when === null) when = time;
    }
    return when;
  }

  function whole(text) { // a number in decimal as checkpoints write it
    must(/^(?:0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)), "number");
    return Number(text);
  }

  /* A checkpoint signed by `log`: {origin, size, root, more, witnesses: [{name, at}]}, of `witnesses` those whose signature is on it. */
  function checkpoint(text, log, witnesses) {
    const opened = note(text), lines = opened.text.slice(0, -1).split("\n");
    must(signed(opened, log) !== null, "unsigned");
    must(lines.length >= 3 && lines.every(Boolean) && lines[0] === log.name, "checkpoint");
    const rootHash = unbase64(lines[2]);
    must(rootHash.length === 32, "checkpoint");
    const by = (witnesses || []).map(function (key) { return { name: key.name, key: hex(key.key), at: signed(opened, key) }; });
    const seen = new Set([hex(log.key)]); // the log's own key is no witness, and one key under two names is one witness
    const told = by.filter(function (one) { return one.at !== null && !seen.has(one.key) && seen.add(one.key); });
    return { origin: lines[0], size: whole(lines[1]), root: rootHash, more: lines.slice(3), witnesses: told };
  }

  /* A promise signed by `log`: {origin, code, leaf (hex), at}. */
  function promise(text, log) {
    const opened = note(text), lines = opened.text.slice(0, -1).split("\n");
    must(signed(opened, log) !== null, "unsigned");
    must(lines.length === 5 && lines[1] === "promise", "promise");
    must(lines[0] === log.name || lines[0].startsWith(log.name + "/"), "promise");
    const leaf = unbase64(lines[3]);
    must(leaf.length === 32 && !Number.isNaN(Date.parse(lines[4])), "promise");
    return { origin: lines[0], code: lines[2], leaf: hex(leaf), at: lines[4] };
  }

  // ---- events and receipts

  /* Sorted compact JSON as both sides hash it: ASCII keys, strings, whole numbers, true, false, null, lists and objects. */
  function canonical(value) {
    if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
    if (typeof value === "number") { must(Number.isSafeInteger(value) && !Object.is(value, -0), "number"); return String(value); }
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    must(typeof value === "object", "json");
    return "{" + Object.keys(value).sort().map(function (name) { return JSON.stringify(name) + ":" + canonical(value[name]); }).join(",") + "}";
  }

  const EVENT = { at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/, body: /^[0-9a-f]{64}$/, by: /./, case: /./, log: /./, n: Number, prev: /^[0-9a-f]{64}$/, step: /./, v: Number };
  function fields(value, names) {
    must(value !== null && typeof value === "object" && !Array.isArray(value), "shape");
    must(Object.keys(value).sort().join() === names.slice().sort().join(), "shape");
  }

  /* The leaf of an event: SHA-256(0x00 ‖ canonical event). */
  function leafOf(event) {
    fields(event, Object.keys(EVENT));
    for (const [name, form] of Object.entries(EVENT)) {
      must(form === Number ? Number.isSafeInteger(event[name]) : typeof event[name] === "string" && form.test(event[name]), "shape");
    }
    must(event.v === 1, "version");
    return sha256(join([0], utf8(canonical(event))));
  }

  /* What was said with an event: its body, where it is opened and is what the event committed to. */
  function opened(event, opening) {
    if (opening === null) return null;
    fields(opening, ["salt", "body"]);
    const salt = unhex(opening.salt);
    must(salt.length === 32 && hex(sha256(join(salt, utf8(canonical(opening.body))))) === event.body, "words");
    return opening.body;
  }

  function row(one, given, place, previous, point_, log) {
    fields(one, ["event", "opening", "index", "proof", "promise"]);
    const event = one.event, leaf = leafOf(event), told = one.promise === null ? null : promise(one.promise, log);
    must(event.case === given.code, "other case");
    must(event.n === place && event.prev === previous, "chain");
    must(told === null || (told.code === event.case && told.leaf === hex(leaf)), "promise of another");
    must((one.index === null) === (one.proof === null), "shape");
    if (one.index !== null) {
      must(point_ !== null && Number.isSafeInteger(one.index) && Array.isArray(one.proof), "shape");
      must(inclusion(leaf, one.index, point_.size, one.proof.map(unhex), point_.root), "inclusion");
    }
    return {
      n: event.n, step: event.step, at: event.at, by: event.by, leaf: hex(leaf), body: opened(event, one.opening),
      index: one.index, promised: told === null ? "" : told.at,
    };
  }

  const DELAY = 5 * 60 * 1000, HOUR = 60 * 60 * 1000; // longer than five minutes between promise and inclusion is a breach
  function latest(at) { return Date.parse(at) + DELAY + (/:00:00(\.0+)?Z$/.test(at) ? HOUR : 0); } // an anonymous case's moment is cut to the hour

  /* A whole receipt against keys {log, witnesses} at `now` (milliseconds): {code, checkpoint, events, verdict}. verdict: "included" all
     events stand under the checkpoint, "waiting" the youngest do not yet, "overdue" one should long have. Anything false is thrown. */
  function receipt(given, keys, now) {
    fields(given, ["code", "events", "checkpoint"]);
    must(typeof given.code === "string" && Array.isArray(given.events) && given.events.length > 0, "shape");
    const under = given.checkpoint === null ? null : checkpoint(given.checkpoint, keys.log, keys.witnesses); // null: before the very first one
    let previous = "0".repeat(64);
    const events = given.events.map(function (one, i) {
      try {
        const found = row(one, given, i + 1, previous, under, keys.log);
        previous = found.leaf;
        return found;
      } catch (error) { if (error instanceof Wrong) error.n = i + 1; throw error; }
    });
    const out = events.filter(function (one) { return one.index === null; });
    const late = out.some(function (one) { return now > latest(one.promised || one.at); });
    return { code: given.code, checkpoint: under, events: events, verdict: out.length === 0 ? "included" : late ? "overdue" : "waiting" };
  }

  root.MinanVerifier = {
    Wrong: Wrong, utf8: utf8, hex: hex, unhex: unhex, unbase64: unbase64, sha256: sha256, sha512: sha512, ed25519: ed25519,
    inclusion: inclusion, consistency: consistency, verifierKey: verifierKey, note: note, signed: signed, checkpoint: checkpoint,
    promise: promise, canonical: canonical, leafOf: leafOf, receipt: receipt,
  };
})(globalThis);
