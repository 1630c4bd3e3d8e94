import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingChromium } from "../../clones/console/browser";
import { Stage } from "../../clones/console/stage";
import { describeWith } from "../../support/requires";
import { Caller } from "./caller";
import { takePicture } from "./picture";

describeWith(missingChromium(), "the picture of the console", () => {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-picture-"));
  let stage: Stage;

  beforeAll(async () => void (stage = await Stage.start()));
  afterAll(async () => {
    await stage.stop();
    rmSync(folder, { recursive: true });
  });

  it("is taken of a clone that is being copied, beside those that are there", async () => {
    await stage.clone("agency", "acme");
    stage.sites.isSlow = true;
    const caller = new Caller(stage.url, (await stage.key("agency")).text);
    const file = join(folder, "images", "console.png");
    const taken = takePicture(file, caller, "delta");
    await caller.call("POST", "/api/v2/clone", { source_url: "https://shop.example.com", customer_id: "delta" });
    expect(await taken).toMatch(/^2 clones, 1280x800, \d+ KB$/);
    const png = readFileSync(file);
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 800]);
  }, 60_000);
});
