/** A real Traefik of the version that the pinned chart runs, set up by the values that a stack gives that chart. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { TraefikArgs, traefikValues } from "../../infra/addons/traefik";
import { provide } from "../cluster/build/builder";
import { eventually } from "../cluster/eventually";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { freePorts, httpAnswers } from "../cluster/probe";
import { traefik } from "../cluster/programs/traefik";

/** Where the load balancer's requests come from, and everybody else's: both are this machine. */
export const LOAD_BALANCER = "127.0.0.2";
export const SOMEBODY = "127.0.0.1";

const ARGS: TraefikArgs = {
  replicas: 2,
  trustedNetwork: `${LOAD_BALANCER}/32`,
  hostname: "door.eu-central-1.elb.amazonaws.com",
  tracingEndpoint: "",
  defaultCertificate: "default-certificate",
};

export interface TraefikPorts {
  readonly http: number;
  readonly https: number;
  readonly health: number;
}

export class TestTraefik {
  private constructor(
    readonly ports: TraefikPorts,
    private readonly keeper: Keeper,
    private readonly program: KeptProgram,
  ) {}

  /**
   * Starts one, and returns when it is healthy; what it routes follows.
   *
   * @param readTimeout in place of the stack's, where a test can't wait that long
   */
  static async start(kubeconfig: string, readTimeout?: string): Promise<TestTraefik> {
    const file = (await provide([traefik])).get(traefik) ?? "";
    const [http = 0, https = 0, health = 0] = await freePorts(3);
    const keeper = new Keeper("loomworks-traefik-");
    const configuration = join(keeper.folder, "traefik.yaml");
    writeFileSync(configuration, stringify(staticConfiguration({ http, https, health }, readTimeout)));
    // Without the first of them it would look for the pod's own account.
    const env = { KUBERNETES_SERVICE_HOST: "", KUBECONFIG: kubeconfig };
    const program = keeper.start("traefik", file, [`--configFile=${configuration}`], { env });
    const started = new TestTraefik({ http, https, health }, keeper, program);
    await eventually(
      () => {
        if (!program.isRunning()) throw new Error(tailOf(program.log));
        return started.isHealthy();
      },
      { what: "a healthy Traefik" },
    );
    return started;
  }

  /** What the load balancer asks. */
  isHealthy(): Promise<boolean> {
    return httpAnswers(`http://127.0.0.1:${this.ports.health}/ping`);
  }

  /** What it logged, requests included. */
  log(): string {
    return readFileSync(this.program.log, "utf8");
  }

  /** Asks it to end, as Kubernetes asks a pod. */
  end(): void {
    process.kill(Number(readFileSync(join(this.keeper.folder, "run", "traefik"), "utf8")), "SIGTERM");
  }

  async stop(): Promise<void> {
    await this.keeper.release();
  }
}

/** What the chart makes of its values: the same fields, but for those that concern the chart alone. */
function staticConfiguration({ http, https, health }: TraefikPorts, readTimeout?: string): object {
  const { ports, providers, log, accessLog } = traefikValues(ARGS);
  const { web, websecure } = ports;
  const { transport } = websecure;
  const respondingTimeouts = { ...transport.respondingTimeouts, ...(readTimeout && { readTimeout }) };
  return {
    entryPoints: {
      // The chart names the port that the entry point is exposed at.
      web: {
        address: `127.0.0.1:${http}`,
        http: { redirections: { entryPoint: { ...web.http.redirections.entryPoint, to: ":443" } } },
      },
      websecure: {
        address: `127.0.0.1:${https}`,
        asDefault: websecure.asDefault,
        forwardedHeaders: websecure.forwardedHeaders,
        transport: { ...transport, respondingTimeouts },
        // The chart has TLS on this one by itself.
        http: { tls: {} },
      },
      traefik: { address: `127.0.0.1:${health}` },
    },
    providers: {
      kubernetesCRD: without(providers.kubernetesCRD, "enabled"),
      kubernetesIngress: without(providers.kubernetesIngress, "enabled", "publishedService"),
    },
    ping: {},
    log,
    accessLog: without(accessLog, "enabled"),
  };
}

function without(values: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}
