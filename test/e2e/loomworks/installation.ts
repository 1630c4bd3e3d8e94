/** What an operator asks of the installation: its pods, its runs, its server. */
import { CoreV1Api } from "@kubernetes/client-node";
import { ODOO } from "../../../constructs/loomworks/odoo-pod";
import { POSTGRES } from "../../../constructs/loomworks/postgres";
import { eventually, KubeObject, listPods, readyPods } from "../../cluster";
import { execInPod } from "../../support/exec-in-pod";
import type { World } from "../world";

const RUN_MILLISECONDS = 240_000;
const LOOK_MILLISECONDS = 500;
const COMMAND_SECONDS = 30;

export interface Run {
  readonly seconds: number;
  /** What it wrote. */
  readonly log: string;
}

export class Installation {
  readonly namespace: string;

  constructor(private readonly world: World) {
    this.namespace = world.settings.loomworks.namespace;
  }

  /** A run of a CronJob now, as by `kubectl create job --from`. @throws {Error} with its log if it failed */
  async runNow(cronJob: string): Promise<Run> {
    const { client } = this.world.cluster;
    const reference = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { namespace: this.namespace, name: cronJob },
    };
    const { apiVersion, kind, metadata, spec } = await client.get(reference);
    const name = `${cronJob}-${Date.now()}`;
    // As kubectl does: the run goes with its CronJob, and its ended pod, which would keep claims from going, with both.
    const ownerReferences = [{ apiVersion, kind, name: cronJob, uid: metadata.uid, controller: true }];
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { namespace: this.namespace, name, ownerReferences } };
    const begun = performance.now();
    await client.create({ ...job, spec: spec.jobTemplate.spec });
    const ended = await eventually(async () => outcomeOf(await client.get(job)), {
      what: `the end of ${name}`,
      timeoutMs: RUN_MILLISECONDS,
      intervalMs: LOOK_MILLISECONDS,
    });
    const run = { seconds: (performance.now() - begun) / 1000, log: await this.logOf(name) };
    if (ended === "Failed") throw new Error(`${name} failed: ${run.log.slice(-1000)}`);
    return run;
  }

  async readyOdoo(): Promise<KubeObject[]> {
    return await readyPods(this.world.cluster.client, this.namespace, `app.kubernetes.io/name=${ODOO.name}`);
  }

  /** What the server says to its superuser, over its own socket. */
  async query(sql: string, database = "postgres"): Promise<string> {
    return await this.queryIn(this.namespace, `${POSTGRES.name}-0`, sql, database);
  }

  /** The same, of any server in a pod. */
  async queryIn(namespace: string, pod: string, sql: string, database: string): Promise<string> {
    const command = [
      "psql",
      "--no-psqlrc",
      "-qtAX",
      "-v",
      "ON_ERROR_STOP=1",
      "-U",
      "postgres",
      "-d",
      database,
      "-c",
      sql,
    ];
    return await this.execute(namespace, pod, "postgres", command);
  }

  async execute(namespace: string, pod: string, container: string, command: readonly string[]): Promise<string> {
    const task = { container, command, seconds: COMMAND_SECONDS };
    return (await execInPod(this.world.cluster.config, namespace, pod, task)).trim();
  }

  private async logOf(job: string): Promise<string> {
    const { client, config } = this.world.cluster;
    const [pod] = await listPods(client, this.namespace, `job-name=${job}`);
    if (pod === undefined) return "";
    const { name } = pod.metadata;
    return await config.makeApiClient(CoreV1Api).readNamespacedPodLog({ namespace: this.namespace, name });
  }
}

function outcomeOf({ status }: KubeObject): "Complete" | "Failed" | undefined {
  const conditions: { type: string; status: string }[] = status?.conditions ?? [];
  const found = conditions.find(({ type, status: is }) => is === "True" && (type === "Complete" || type === "Failed"));
  return found?.type as "Complete" | "Failed" | undefined;
}
