/** What probing pods run, for `node -e`. */

/** A DNS server answers it as well: the address of `localhost`. */
const QUESTION = [
  "0001",
  "0100",
  "0001",
  "0000",
  "0000",
  "0000",
  "09",
  "6c6f63616c686f7374",
  "00",
  "0001",
  "0001",
].join("");

/**
 * Takes ports by protocol, and addresses if they aren't all. Over TCP it takes a connection and ends it, over UDP it sends back what
 * it gets, from where it got it.
 */
export const LISTEN = `
  const [{ TCP, UDP }, addresses = ["0.0.0.0"]] = process.argv.slice(1).map((text) => JSON.parse(text));
  for (const address of addresses) {
    for (const port of TCP) {
      require("net").createServer((socket) => socket.on("error", () => {}).end()).listen(port, address);
    }
    for (const port of UDP) {
      const socket = require("dgram").createSocket("udp4");
      socket.on("message", (message, { port, address }) => socket.send(message, port, address)).bind(port, address);
    }
  }
`;

/** Takes `[[address, TCP ports, UDP ports]…]` and milliseconds; prints who answered, each as `TCP 10.0.0.1 5432`. */
export const CONNECT = `
  const [ends, wait] = JSON.parse(process.argv[1]);
  const tcp = (address, port, done) => {
    const socket = require("net").connect({ host: address, port });
    socket.on("connect", () => done(true)).on("error", () => done(false));
    return () => socket.destroy();
  };
  const udp = (address, port, done) => {
    const socket = require("dgram").createSocket("udp4");
    socket.on("message", () => done(true)).on("error", () => done(false));
    // A datagram may be lost without a policy, too.
    const send = () => socket.send(Buffer.from("${QUESTION}", "hex"), port, address);
    send();
    const again = setInterval(send, 400);
    return () => { clearInterval(again); socket.close(); };
  };
  const answer = (name, begin) => new Promise((resolve) => {
    const done = (open) => { clearTimeout(timer); end(); resolve(open ? [name] : []); };
    const timer = setTimeout(done, wait, false);
    const end = begin(done);
  });
  const answers = ends.flatMap(([address, tcpPorts, udpPorts]) => [
    ...tcpPorts.map((port) => answer(\`TCP \${address} \${port}\`, (done) => tcp(address, port, done))),
    ...udpPorts.map((port) => answer(\`UDP \${address} \${port}\`, (done) => udp(address, port, done))),
  ]);
  Promise.all(answers).then((all) => console.log(JSON.stringify(all.flat())));
`;
