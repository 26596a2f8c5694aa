// What a page, and Node, does with an echo: every kind of message there and back, then both ways to close.
// Resolves to what was not as it should be, and to what was agreed.
async function talk(url, chinese, mebibytes) {
  const wrong = [];

  function open(target) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(target, ['echo.test', 'other']);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => resolve(socket);
      socket.onerror = () => reject(new Error(`no connection to ${target}`));
    });
  }

  function echo(socket, message) {
    return new Promise((resolve, reject) => {
      socket.onmessage = event => resolve(event.data);
      socket.onclose = event => reject(new Error(`closed with ${event.code} ${event.reason}`));
      socket.send(message);
    });
  }

  function bytes(count) {
    const made = new Uint8Array(count);
    for (let place = 0; place < count; place += 1) made[place] = (place * 31 + (place >> 8)) & 255;
    return made;
  }

  function same(left, right) {
    if (typeof left === 'string') return left === right;
    const got = new Uint8Array(right);
    return left.length === got.length && left.every((byte, place) => byte === got[place]);
  }

  function closing(socket, begin) {
    return new Promise(resolve => {
      socket.onclose = event => resolve({ code: event.code, reason: event.reason, clean: event.wasClean });
      begin();
    });
  }

  const socket = await open(url);
  const messages = ['', 'x', `${chinese} 👋`, '课'.repeat(349525) + 'x', bytes(0), bytes(256), bytes(1 << 20),
    bytes(mebibytes << 20)];
  for (const [place, message] of messages.entries()) {
    if (!same(message, await echo(socket, message))) wrong.push(`message ${place} came back changed`);
  }
  const agreed = { protocol: socket.protocol, extensions: socket.extensions };
  const ours = await closing(socket, () => socket.close(4001, chinese));
  const other = await open(`${url}/?close=4002&reason=${encodeURIComponent(chinese)}`);
  const theirs = await closing(other, () => other.send('x'));
  return { wrong, ...agreed, ours, theirs };
}
