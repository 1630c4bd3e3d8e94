import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { renderApiDocuments } from "../../../clones/api/generate";
import { Bench } from "./support";

const FOLDER = resolve(__dirname, "../../../docs/api");

describe("docs/api", () => {
  it("[CLONE-03] is what the routes give; `npm run openapi` writes it anew", async () => {
    for (const [name, text] of Object.entries(await renderApiDocuments())) {
      expect([name, readFileSync(join(FOLDER, name), "utf8") === text]).toEqual([name, true]);
    }
  }, 20_000);

  it("[CLONE-03] describes every operation with its problems, its key and an example of what is sent", () => {
    const document = JSON.parse(readFileSync(join(FOLDER, "openapi.json"), "utf8"));
    expect(document.openapi).toBe("3.1.0");
    expect(document.security).toEqual([{ bearer: [] }, { apiKey: [] }]);
    for (const [path, item] of Object.entries<any>(document.paths)) {
      for (const operation of Object.values<any>(item)) {
        expect([path, operation.operationId, operation.summary]).not.toContain(undefined);
        if (path.endsWith("z")) continue;
        const statuses = Object.keys(operation.responses);
        expect(statuses).toEqual(expect.arrayContaining(["401", "403", "429", "503"]));
        expect(Object.keys(operation.responses["503"].content)).toEqual(["application/problem+json"]);
        const body = operation.requestBody?.content["application/json"];
        if (body !== undefined) expect([path, typeof body.example]).toEqual([path, "object"]);
      }
    }
  });

  it("[CLONE-03] has a Postman collection with every operation", () => {
    const document = JSON.parse(readFileSync(join(FOLDER, "openapi.json"), "utf8"));
    const collection = JSON.parse(readFileSync(join(FOLDER, "postman.json"), "utf8"));
    const operations = Object.values<object>(document.paths).flatMap((item) => Object.keys(item)).length;
    expect(collection.item.flatMap((folder: any) => folder.item).length).toBe(operations);
  });
});

describe("the page of the API", () => {
  it("[CLONE-03] is served with its document, and may run nothing from elsewhere", async () => {
    const bench = await Bench.start();
    const app = await bench.api();
    const page = await app.inject("/docs/");
    const script = await app.inject("/docs/static/swagger-ui-bundle.js");
    const document = await app.inject("/openapi.json");
    expect([page.statusCode, script.statusCode, document.statusCode]).toEqual([200, 200, 200]);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["content-security-policy"]).toMatch(/script-src 'self'/);
    expect(document.json().paths["/api/v2/clone"]).toBeDefined();
    await bench.stop();
  });
});
