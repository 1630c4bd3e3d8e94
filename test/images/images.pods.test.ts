import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findImageTool } from "../../clones/image/tool";
import { IMAGES } from "../../constructs/versions";
import { readManifests } from "../support/dist";
import { describeWith } from "../support/requires";
import { ArchivedImage, eachFile, readArchive } from "./archive";
import { storyImages } from "./names";
import { ProvidedImage, provideImages } from "./provide";
import { run } from "./run";

// Cold: every image is built, the clone service's with all that npm brings.
jest.setTimeout(1_800_000);

/** Why images can't be built here, if so. */
function missingTool(): string | undefined {
  try {
    findImageTool();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Files in which programs keep what nobody else may know. */
const SECRET_FILES =
  /(^|\/)(\.npmrc|\.netrc|\.git-credentials|\.pgpass|\.aws\/credentials|\.docker\/config\.json|id_(rsa|ed25519|ecdsa))$/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/;
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|CANARY/;
/** Shorter ones are words. */
const SECRET_CHARACTERS = 12;
const SET_ID = 0o6000;

/** What this machine's environment has of secrets. */
function secretValues(): Buffer[] {
  return Object.entries(process.env)
    .filter(([name, value = ""]) => SECRET_NAME.test(name) && value.length >= SECRET_CHARACTERS)
    .map(([, value = ""]) => Buffer.from(value));
}

/** Everything in an archive's layers that nobody may find there. */
async function findings(archive: string, secrets: readonly Buffer[] = secretValues()): Promise<string[]> {
  const found: string[] = [];
  await eachFile(archive, ({ path, mode, content }) => {
    if (SECRET_FILES.test(path) && content.length > 0) found.push(`${path} is a file for secrets`);
    if (PRIVATE_KEY.test(content.subarray(0, 4096).toString("latin1"))) found.push(`${path} is a private key`);
    if (secrets.some((secret) => content.includes(secret))) found.push(`${path} has a secret of the environment`);
    if ((mode & SET_ID) !== 0) found.push(`${path} runs as its owner`);
  });
  return found;
}

describeWith(missingTool(), "The images", () => {
  let images: ReadonlyMap<string, ProvidedImage & ArchivedImage>;
  const ours = () => [...images.values()].filter(({ source }) => source !== "registry");

  beforeAll(async () => {
    const provided = await provideImages();
    images = new Map(
      await Promise.all(
        provided.map(async (image) => [image.name, { ...image, ...(await readArchive(image.archive)) }] as const),
      ),
    );
  });

  it.each(storyImages())("have the name that pods have for it: %s", (name) => {
    const short = name.replace(/^docker\.io\/(library\/)?/, "");
    expect([[name], [short]]).toContainEqual(images.get(name)?.names);
  });

  it("run as somebody who is not root, where it is ours to say", () => {
    expect(ours().filter(({ config }) => [undefined, "", "0", "root"].includes(config.User?.split(":")[0]))).toEqual(
      [],
    );
  });

  it.each(storyImages())("have no secret in any layer, and no program that makes somebody root: %s", async (name) => {
    const { archive, source } = images.get(name)!;
    if (source === "registry") return;
    expect(await findings(archive)).toEqual([]);
  });

  it("start the service's processes without a shell", () => {
    const service = [...images.values()].find(({ name }) => name.endsWith(IMAGES.cloneService))!;
    expect(service.config.Cmd).toEqual(["node", "server.js"]);
    const commands = readManifests("staging")
      .flatMap(
        ({ spec }: any) => spec?.template?.spec?.containers ?? spec?.jobTemplate?.spec.template.spec.containers ?? [],
      )
      .filter(({ image }: any) => image === service.name)
      .map(({ command }: any) => command[0]);
    expect(new Set(commands)).toEqual(new Set(["node"]));
  });

  it("have no shell where nothing needs one", async () => {
    for (const { archive, name } of ours().filter(({ name: own }) => own.includes("exporter"))) {
      const programs: string[] = [];
      await eachFile(archive, ({ path, mode }) => {
        if ((mode & 0o111) !== 0 && !path.includes("/lib/") && !/(^|\/)(ld-|lib)[^/]*$/.test(path)) programs.push(path);
      });
      expect([name, programs]).toEqual([name, ["exporter"]]);
    }
  });
});

describeWith(missingTool(), "A secret that a build is given", () => {
  const CANARY = "canary-of-a-registry-token";
  const folder = mkdtempSync(join(tmpdir(), "image-secret-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Builds on Redis, which is small, with a step like npm's. */
  async function built(step: string): Promise<string[]> {
    const tool = findImageTool();
    const [base] = await provideImages([IMAGES.redis]);
    const tag = "localhost/loomworks-platform/secret:test";
    const archive = join(folder, "image.tar");
    rmSync(archive, { force: true });
    writeFileSync(join(folder, "npmrc"), CANARY);
    writeFileSync(join(folder, "Dockerfile"), `FROM ${IMAGES.redis}\nUSER root\n${step}\n`);
    const build = { file: join(folder, "Dockerfile"), context: folder, tags: [tag], basesAreHere: true };
    await run(tool.name, tool.load(base!.archive));
    await run(tool.name, tool.build({ ...build, secrets: { npmrc: join(folder, "npmrc") } }));
    await run(tool.name, tool.save(tag, archive));
    return await findings(archive, [Buffer.from(CANARY)]);
  }

  /** As our own Dockerfiles have them. */
  const mount = /--mount=type=secret,id=npmrc\b\S*/.exec(
    readFileSync(join(__dirname, "../../clones/image/Dockerfile"), "utf8"),
  )![0];

  it("is read by its step, and is in no layer", async () => {
    expect(await built(`RUN ${mount} test -s /run/secrets/npmrc`)).toEqual([]);
  });

  it("would be found if it were", async () => {
    expect(await built("COPY npmrc /app/.npmrc\nRUN rm /app/.npmrc")).toEqual([
      "app/.npmrc is a file for secrets",
      "app/.npmrc has a secret of the environment",
    ]);
  });
});
