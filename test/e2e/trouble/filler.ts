/** Fills the volume of Loomworks' database from a pod beside it, to the last byte, and makes room again. */
import { POSTGRES_IDENTITY } from "../../../constructs/loomworks/postgres";
import { CLAIMS } from "../../../constructs/settings/volumes";
import { parseQuantity } from "../../../constructs/shared/quantity";
import { restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import { IMAGES } from "../../../constructs/versions";
import { ClusterError, eventually, isReady } from "../../cluster";
import { execInPod } from "../../support/exec-in-pod";
import type { World } from "../world";

const NAME = "filler";
const PLACE = "/volume";
const START_MILLISECONDS = 30_000;
const COMMAND_SECONDS = 20;

/** More than this mustn't be left of a volume that is full. */
const LEFT_BYTES = 1_000_000;

/** What the cluster is to be started with: the volume that gets filled must be a disk of its own. */
export const SIZED_VOLUMES: readonly string[] = [`loomworks/${CLAIMS.data}`];

export class Filler {
  private constructor(
    private readonly world: World,
    private readonly namespace: string,
  ) {}

  /** @throws {ClusterError} E2E_VOLUME_SIZE before anything is filled that isn't the claim's alone */
  static async start(world: World): Promise<Filler> {
    const { namespace } = world.settings.loomworks;
    const { client } = world.cluster;
    await client.create(podOf(namespace));
    const filler = new Filler(world, namespace);
    await eventually(async () => isReady(await client.get(podOf(namespace))), {
      what: "the pod that fills the volume",
      timeoutMs: START_MILLISECONDS,
    });
    const asked = parseQuantity(world.settings.loomworks.postgres.dataVolume);
    const size = Number(await filler.run(`df --block-size=1 --output=size ${PLACE} | tail -n 1`));
    if (size > asked) throw tooLarge(namespace, size, asked);
    return filler;
  }

  /** @returns bytes that it took @throws {Error} if some are left */
  async fill(): Promise<number> {
    // A file system gives less than it says it has, and then refuses: what is left is asked for again, as long as there is some.
    const take = 'fallocate --length "$(room)" "$file" 2>/dev/null';
    const files = [1, 2, 3, 4].map((number) => `${PLACE}/filler.${number}`).join(" ");
    const script = [
      `room() { df --block-size=1 --output=avail ${PLACE} | tail -n 1; }`,
      `for file in ${files}; do ${take}; done`,
      `echo "$(room) $(du --block-size=1 --total ${PLACE}/filler.* | tail -n 1 | cut -f 1)"`,
    ].join("\n");
    const [left = Number.NaN, taken = Number.NaN] = (await this.run(script)).split(" ").map(Number);
    if (!(left < LEFT_BYTES)) throw new Error(`${left} bytes are left of the volume after ${taken} were taken`);
    return taken;
  }

  async makeRoom(): Promise<void> {
    await this.run(`rm -f ${PLACE}/filler.*`);
  }

  async end(): Promise<void> {
    await this.makeRoom();
    await this.world.cluster.client.delete(podOf(this.namespace));
  }

  private async run(script: string): Promise<string> {
    const task = { container: NAME, command: ["bash", "-c", script], seconds: COMMAND_SECONDS };
    return (await execInPod(this.world.cluster.config, this.namespace, NAME, task)).trim();
  }
}

function podOf(namespace: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: NAME, namespace },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      securityContext: restrictedPod(POSTGRES_IDENTITY),
      containers: [
        {
          name: NAME,
          image: IMAGES.postgres,
          command: ["sleep", "3600"],
          securityContext: restrictedContainer(),
          volumeMounts: [{ name: "volume", mountPath: PLACE }],
        },
      ],
      volumes: [{ name: "volume", persistentVolumeClaim: { claimName: CLAIMS.data } }],
    },
  };
}

function tooLarge(namespace: string, size: number, asked: number): ClusterError {
  return new ClusterError({
    code: "E2E_VOLUME_SIZE",
    path: `${namespace}/${CLAIMS.data}`,
    value: size,
    reason: `the volume is larger than the ${asked} bytes that were asked for, so that others may live on it, too`,
    remedy: "Start the cluster with the claim among sizedVolumes; loop devices and mkfs.ext4 have to work",
  });
}
