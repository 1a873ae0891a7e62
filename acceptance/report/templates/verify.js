"use strict";
// Checks bytes and signatures of a report, with nothing but the browser. Only textContent is ever written.
(() => {
  const texts = JSON.parse(document.querySelector("main").dataset.texts);
  const PARTIES = { supplier: "signatures/supplier.dsse.json", customer: "signatures/customer.dsse.json" };
  const [PAGE, SIGNED, RESULTS] = ["report.html", "report-signed.html", "results.json"];
  const TYPE = "application/vnd.in-toto+json";
  const DER = "302a300506032b6570032100"; // RFC 8410: SubjectPublicKeyInfo of an Ed25519 key, before its 32 bytes
  // Points of small order (and their other spellings): as a key, one signature would hold for every message.
  const SMALL = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ];
  const MOST_BYTES = 500_000_000;

  class Damaged extends Error {}
  const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const digest = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

  // atob forgives padding, blanks and odd bits: only what is spelt again the same way is taken.
  function base64(text) {
    const raw = typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? atob(text) : null;
    if (raw === null || btoa(raw) !== text) {
      throw new Damaged(texts.no_envelope);
    }
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  }

  // Keys sorted and no white space, as it was signed: a duplicate key or another spelling is not the same text.
  function spelt(value) {
    if (Array.isArray(value)) {
      return `[${value.map(spelt).join(",")}]`;
    }
    if (value !== null && typeof value === "object") {
      const keys = Object.keys(value).sort();
      return `{${keys.map((key) => `${JSON.stringify(key)}:${spelt(value[key])}`).join(",")}}`;
    }
    return JSON.stringify(value);
  }

  function isWeak(point) {
    const y = Uint8Array.from(point);
    y[31] &= 0x7f;
    const low = y[0] <= 1 && y.subarray(1).every((one) => one === 0); // 0 and 1
    const high = y[31] === 0x7f && y.subarray(1, 31).every((one) => one === 0xff) && y[0] >= 0xec; // p - 1 and above
    return low || high || SMALL.includes(hex(y));
  }

  async function holds(key, signature, message) {
    if (signature.length !== 64 || isWeak(key) || isWeak(signature.subarray(0, 32))) {
      return false;
    }
    const made = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, made, signature, message);
  }

  async function readSignature(bytes, file) {
    let envelope, statement, payload, signature, spki;
    try {
      envelope = JSON.parse(utf8(bytes));
      const [{ keyid, sig }] = envelope.signatures;
      const one = { payload: envelope.payload, payloadType: TYPE, signatures: [{ keyid, sig }] };
      if (`${JSON.stringify(one, null, 2)}\n` !== utf8(bytes)) {
        throw new Damaged(texts.no_envelope);
      }
      payload = base64(envelope.payload);
      signature = base64(sig);
      statement = JSON.parse(utf8(payload));
      spki = base64(statement.predicate.signer.key);
    } catch {
      throw new Damaged(texts.no_envelope);
    }
    const names = statement.subject.map((one) => one.name);
    if (spelt(statement) !== utf8(payload) || new Set(names).size < names.length) {
      throw new Damaged(texts.no_envelope);
    }
    if (spki.length !== 44 || !hex(spki).startsWith(DER)) {
      throw new Damaged(texts.no_key);
    }
    const head = new TextEncoder().encode(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `);
    const message = new Uint8Array(head.length + payload.length);
    message.set(head);
    message.set(payload, head.length);
    if (!(await holds(spki.subarray(12), signature, message))) {
      throw new Damaged(texts.no_fit);
    }
    const fingerprint = `SHA256:${await digest(spki)}`;
    if (envelope.signatures[0].keyid !== fingerprint) {
      throw new Damaged(texts.no_fit);
    }
    if (PARTIES[statement.predicate.party] !== file) {
      throw new Damaged(texts.moved);
    }
    return { file, fingerprint, statement, said: statement.predicate };
  }

  async function check(files) {
    const found = [];
    const tell = (file, what, text) => found.push({ file, what, text });
    const signatures = [];
    const digests = new Map();
    for (const [name, bytes] of files) {
      digests.set(name, await digest(bytes));
    }
    for (const name of [...files.keys()].filter((one) => one.startsWith("signatures/")).sort()) {
      try {
        if (!Object.values(PARTIES).includes(name)) {
          tell(name, "added", texts.added);
          continue;
        }
        signatures.push(await readSignature(files.get(name), name));
      } catch (error) {
        if (!(error instanceof Damaged)) {
          throw error;
        }
        tell(name, "changed", error.message);
      }
    }
    if (signatures.length) {
      compare(signatures, digests, tell);
      order(signatures, digests, tell);
      await signedPage(signatures, files, tell);
    }
    return { signatures, found, files: digests.size };
  }

  function compare(signatures, digests, tell) {
    const told = new Set();
    for (const { statement } of signatures) {
      const signed = new Map(statement.subject.map((one) => [one.name, one.digest.sha256]));
      const there = [...digests.keys()].filter((one) => one !== SIGNED && !one.startsWith("signatures/"));
      for (const name of new Set([...signed.keys(), ...there, RESULTS, PAGE])) {
        const changed = signed.get(name) === digests.get(name) ? "" : "changed";
        const what = !digests.has(name) ? "missing" : !signed.has(name) ? "added" : changed;
        if (what && !told.has(name)) {
          told.add(name);
          tell(name, what, texts[what]);
        }
      }
    }
  }

  function order(signatures, digests, tell) {
    for (const { said, file } of signatures.filter((one) => one.said.first)) {
      const { name, sha256 } = said.first;
      if (name === file || !Object.values(PARTIES).includes(name)) {
        tell(file, "changed", texts.no_envelope);
      } else if (!digests.has(name)) {
        tell(name, "missing", fill(texts.signed_after, { file }));
      } else if (digests.get(name) !== sha256) {
        tell(name, "changed", fill(texts.exchanged, { file }));
      }
    }
    if (signatures.filter((one) => !one.said.first).length > 1) {
      tell(signatures[1].file, "changed", texts.put_in_later);
    }
    if (signatures.length > 1 && signatures[0].fingerprint === signatures[1].fingerprint) {
      tell(PARTIES.customer, "changed", texts.one_key);
    }
  }

  // Without what stands between its two marks, the signed page is the page that was signed; and it shows these keys.
  async function signedPage(signatures, files, tell) {
    if (!files.has(SIGNED)) {
      return tell(SIGNED, "missing", texts.missing);
    }
    const bytes = files.get(SIGNED);
    const text = new TextDecoder("latin1").decode(bytes); // a byte is a character: only to find the marks
    const begin = text.search(/<!-- signatures \d+ -->/);
    const end = text.indexOf("<!-- end of signatures -->");
    const place = new TextEncoder().encode("<!-- signatures -->");
    const rest = end < 0 ? bytes : bytes.subarray(end + "<!-- end of signatures -->".length);
    const page = new Blob([bytes.subarray(0, Math.max(begin, 0)), place, rest]);
    const signed = signatures[0].statement.subject.find((one) => one.name === PAGE);
    const same = await digest(new Uint8Array(await page.arrayBuffer())) === signed?.digest.sha256;
    const keys = text.slice(begin, end).match(/SHA256:[0-9a-f]{64}/g) || [];
    const shown = keys.sort().join() === signatures.map((one) => one.fingerprint).sort().join();
    return begin < 0 || end < begin || !same || !shown ? tell(SIGNED, "changed", texts.changed) : undefined;
  }

  async function unzipped(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = bytes.length - 22;
    while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) {
      at -= 1;
    }
    if (at < 0) {
      throw new Damaged(texts.no_zip);
    }
    const count = view.getUint16(at + 10, true);
    let entry = view.getUint32(at + 16, true);
    const files = new Map();
    let total = 0;
    for (let number = 0; number < count; number += 1) {
      const u16 = (offset) => view.getUint16(entry + offset, true);
      const u32 = (offset) => view.getUint32(entry + offset, true);
      const name = utf8(bytes.subarray(entry + 46, entry + 46 + u16(28)));
      const [flags, method, packed, size, local] = [u16(8), u16(10), u32(20), u32(24), u32(42)];
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const named = utf8(bytes.subarray(local + 30, local + 30 + view.getUint16(local + 26, true)));
      total += size;
      const odd = name.split("/").includes("..") || /^\/|\\/.test(name) || files.has(name) || named !== name;
      if (u32(0) !== 0x02014b50 || odd || flags & 1 || ![0, 8].includes(method) || total > MOST_BYTES) {
        throw new Damaged(texts.no_zip);
      }
      if (!name.endsWith("/")) {
        const data = bytes.subarray(start, start + packed);
        const inflate = () => new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
        const whole = method ? new Uint8Array(await new Response(inflate()).arrayBuffer()) : data;
        if (whole.length !== size) {
          throw new Damaged(texts.no_zip);
        }
        files.set(name, whole);
      }
      entry += 46 + u16(28) + u16(30) + u16(32);
    }
    return files;
  }

  // The report is the folder that holds results.json, or report.html; a zip may hold that folder or what is in it.
  function rooted(files) {
    const roots = [...files.keys()].filter((one) => [RESULTS, PAGE].includes(one.split("/").pop()));
    const depth = (name) => name.split("/").length;
    const first = roots.sort((a, b) => depth(a) - depth(b))[0];
    if (!first) {
      throw new Damaged(files.has(SIGNED) ? texts.alone : texts.no_report);
    }
    const root = first.slice(0, first.lastIndexOf("/") + 1);
    return new Map([...files].map(([name, bytes]) => [name.startsWith(root) ? name.slice(root.length) : name, bytes]));
  }

  async function taken(list) {
    const read = async (file) => [file.webkitRelativePath || file.name, new Uint8Array(await file.arrayBuffer())];
    const files = new Map(await Promise.all(list.map(read)));
    const [name] = files.keys();
    return files.size === 1 && name.toLowerCase().endsWith(".zip") ? unzipped(files.get(name)) : files;
  }

  function line(place, text, marks = {}) {
    const item = place.appendChild(document.createElement("li"));
    item.textContent = text;
    Object.assign(item.dataset, marks);
  }

  function show({ signatures, found, files }) {
    const place = document.getElementById("answer");
    for (const { said, fingerprint } of signatures) {
      const [party, meaning] = [texts[said.party], texts.means[said.meaning]];
      line(place, fill(texts.who, { ...said.signer, party, meaning, when: said.signedAt }));
      line(place, fill(texts.verdict, said.report));
      (said.points || []).forEach((one) => line(place, fill(texts.point, one)));
      line(place, fill(texts.key, { fingerprint, remark: said.remark || "–" }));
    }
    for (const { file, what, text } of found) {
      line(place, `${file}: ${text}`, { file, what });
    }
    const verdict = found.length ? "not_intact" : signatures.length ? "intact" : "unsigned";
    document.getElementById("verdict").textContent = fill(texts[verdict], { files });
    document.body.dataset.verdict = verdict;
  }

  async function run(list) {
    document.getElementById("answer").replaceChildren();
    try {
      show(await check(rooted(await taken([...list]))));
    } catch (error) {
      const able = error.name !== "NotSupportedError" && globalThis.crypto?.subtle;
      const text = !able ? texts.no_browser : error instanceof Damaged ? error.message : texts.unreadable;
      document.getElementById("verdict").textContent = text;
      document.body.dataset.verdict = "unreadable";
    }
  }

  document.querySelectorAll("input").forEach((one) => one.addEventListener("change", () => run(one.files)));
})();
