/* Checks an Ed25519 signature (RFC 8032, 5.1.7) with big integers, for old screens whose browser does not know the algorithm.
   ed25519Verify(publicKey, signature, message): Uint8Arrays → Promise of true or false. SHA-512 is the browser's own (HTTPS only). */
"use strict";
window.ed25519Verify = (function () {
  const P = (1n << 255n) - 19n;
  const L = (1n << 252n) + 27742317777372353535851937790883648493n;
  const mod = (a) => { const r = a % P; return r < 0n ? r + P : r; };
  function power(base, exponent) {
    let result = 1n;
    for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
    return result;
  }
  const inverse = (a) => power(a, P - 2n);
  const D = mod(-121665n * inverse(121666n));
  const ROOT = power(2n, (P - 1n) / 4n); // a square root of -1
  function number(bytes) { // little-endian
    let n = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i]);
    return n;
  }
  function point(bytes) { // null where these 32 bytes are no point
    const all = number(bytes);
    const y = all & ((1n << 255n) - 1n);
    if (y >= P) return null;
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
    const v3 = mod(v * v * v);
    let x = mod(u * v3 * power(u * v3 * v3 * v, (P - 5n) / 8n));
    const check = mod(v * x * x);
    if (check !== u) {
      if (check !== mod(-u)) return null;
      x = mod(x * ROOT);
    }
    const odd = all >> 255n;
    if (x === 0n && odd === 1n) return null;
    if ((x & 1n) !== odd) x = P - x;
    return [x, y, 1n, mod(x * y)];
  }
  function add(p, q) { // extended coordinates, RFC 8032 5.1.4
    const a = mod((p[1] - p[0]) * (q[1] - q[0])), b = mod((p[1] + p[0]) * (q[1] + q[0]));
    const c = mod(2n * p[3] * q[3] * D), d = mod(2n * p[2] * q[2]);
    const e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  }
  function times(p, n) {
    let sum = [0n, 1n, 1n, 0n];
    for (let one = p, left = n; left > 0n; left >>= 1n, one = add(one, one)) if (left & 1n) sum = add(sum, one);
    return sum;
  }
  const same = (p, q) => mod(p[0] * q[2] - q[0] * p[2]) === 0n && mod(p[1] * q[2] - q[1] * p[2]) === 0n;
  const baseY = mod(4n * inverse(5n));
  const baseBytes = new Uint8Array(32).map((_, i) => Number((baseY >> BigInt(8 * i)) & 255n));
  const BASE = point(baseBytes);
  return async function (key, signature, message) {
    if (key.length !== 32 || signature.length !== 64) return false;
    const a = point(key), r = point(signature.subarray(0, 32)), s = number(signature.subarray(32));
    if (!a || !r || s >= L) return false;
    const hashed = new Uint8Array(64 + message.length);
    hashed.set(signature.subarray(0, 32)); hashed.set(key, 32); hashed.set(message, 64);
    const h = number(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed))) % L;
    return same(times(BASE, s), add(r, times(a, h)));
  };
})();
