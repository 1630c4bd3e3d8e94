/** Reads docker-archives: what an image says of itself, and every file of its layers. */
import { list, Parser, ReadEntry } from "tar";

export interface ArchivedImage {
  readonly names: readonly string[];
  /** Its bytes without what the archive adds, by layer, the lowest first. */
  readonly layers: readonly number[];
  readonly config: ImageConfig;
}

/** Of the OCI's image configuration, what is looked at here. */
export interface ImageConfig {
  /** Root, if empty. */
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
}

/** One file of a layer. */
export interface LayerFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** Settings and manifests are small; what is larger is a layer. */
const JSON_BYTES = 4 * 1024 * 1024;

interface Manifest {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/** What the archive's one image is. */
export async function readArchive(archive: string): Promise<ArchivedImage> {
  const texts = new Map<string, Promise<Buffer>>();
  const sizes = new Map<string, number>();
  await list({
    file: archive,
    onReadEntry: (entry) => {
      sizes.set(entry.path, entry.size);
      if (entry.size < JSON_BYTES && !entry.path.endsWith(".tar")) texts.set(entry.path, contentOf(entry));
    },
  });
  const read = async (path: string): Promise<unknown> => JSON.parse(String(await texts.get(path)));
  const [manifest] = (await read("manifest.json")) as Manifest[];
  if (manifest === undefined) throw new Error(`${archive}: its manifest names no image`);
  const { config = {} } = (await read(manifest.Config)) as { config?: ImageConfig };
  return { names: manifest.RepoTags ?? [], layers: manifest.Layers.map((layer) => sizes.get(layer) ?? 0), config };
}

/** Shows every file of every layer, also those that a later layer hides. */
export async function eachFile(archive: string, visit: (file: LayerFile) => void): Promise<void> {
  const layers: Promise<void>[] = [];
  await list({
    file: archive,
    onReadEntry: (entry) => {
      if (entry.type === "File" && entry.path.endsWith(".tar")) layers.push(readLayer(entry, visit));
    },
  });
  await Promise.all(layers);
}

function readLayer(layer: ReadEntry, visit: (file: LayerFile) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const visits: Promise<void>[] = [];
    const parser = new Parser({
      onReadEntry: (entry) => {
        if (entry.type !== "File") entry.resume();
        else
          visits.push(contentOf(entry).then((content) => visit({ path: entry.path, mode: entry.mode ?? 0, content })));
      },
    });
    parser.on("error", reject);
    parser.on("end", () => void Promise.all(visits).then(() => resolve(), reject));
    layer.pipe(parser);
  });
}

async function contentOf(entry: ReadEntry): Promise<Buffer> {
  return await entry.concat();
}
