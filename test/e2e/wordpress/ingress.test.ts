import { createServer, IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { logIn } from "../../support/wordpress-login";
import { throughIngress } from "./ingress";

describe("what a browser gets through the ingress", () => {
  let server: Server;
  let base: string;
  const asked: IncomingMessage[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request);
      if (request.method === "POST") {
        response.writeHead(302, {
          location: "https://acme.example/wp-admin/",
          "set-cookie": ["wordpress_logged_in_x=1; path=/", "other=2; path=/"],
        });
      }
      response.end(request.url);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it("is asked by the site's own name, and told that the visitor came by TLS", async () => {
    const answer = await throughIngress(base, "https://acme.example")("https://acme.example/shop/?from=1");
    expect([answer.status, await answer.text()]).toEqual([200, "/shop/?from=1"]);
    expect(asked.at(-1)?.headers).toMatchObject({ host: "acme.example", "x-forwarded-proto": "https" });
  });

  it("keeps each cookie, follows no redirect, and so lets a person log in", async () => {
    const send = throughIngress(base, "https://acme.example");
    const answer = await send("https://acme.example/wp-login.php", {
      method: "POST",
      body: new URLSearchParams("a=b"),
    });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([
      302,
      ["wordpress_logged_in_x=1; path=/", "other=2; path=/"],
    ]);
    await logIn("https://acme.example", { username: "me", password: "mine" }, send);
    expect(asked.at(-1)?.headers.cookie).toBe("wordpress_logged_in_x=1; other=2");
  });

  it("leads to no other site", async () => {
    await expect(throughIngress(base, "https://acme.example")("https://bravo.example/")).rejects.toThrow(
      "bravo.example",
    );
  });
});
