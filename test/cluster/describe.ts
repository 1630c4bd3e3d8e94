import { whyNotAvailable } from "./build/builder";
import { Cluster, ClusterOptions, startCluster, UNDER_TEST } from "./cluster";
import { ClusterUnavailableError } from "./errors";
import { whyNoNode } from "./node/prerequisites";
import { whyNoCertificates } from "./pki";
import { programsFor } from "./programs";
import { skipLoudly } from "../support/requires";

export interface SuiteOptions extends ClusterOptions {
  /**
   * Whether the suite needs a cluster that it starts itself: fake nodes, metrics, logs. It is skipped under
   * KUBECONFIG_UNDER_TEST. @default false
   */
  readonly own?: boolean;
}

/** A first start builds; each step within has a limit of its own. */
const START_MILLISECONDS = 60 * 60 * 1000;
/** A test that waits says so by `eventually`, whose message tells more than jest's; this is for one that hangs. */
const TEST_MILLISECONDS = 5 * 60 * 1000;
const STOP_MILLISECONDS = 5 * 60 * 1000;

/**
 * `describe`, with a cluster that starts before the first test and stops after the last. Where none can be had, the
 * suite is skipped with a loud reason; in CI it fails if what's missing could have been installed. Tests of the file get
 * five minutes each.
 *
 * @param define declares the tests; `cluster()` is valid within tests and hooks
 */
export function describeWithCluster(
  title: string,
  { own = false, ...options }: SuiteOptions,
  define: (cluster: () => Cluster) => void,
): void {
  const underTest = (process.env[UNDER_TEST] ?? "") !== "";
  if (underTest && own) {
    skip(title, `it needs a cluster of its own, and ${UNDER_TEST} names another`, define);
    return;
  }
  const unavailable = underTest ? undefined : whyUnavailable(options);
  if (unavailable && !mustFail(unavailable, process.env)) {
    skip(title, unavailable.message, define);
    return;
  }

  jest.setTimeout(TEST_MILLISECONDS);
  describe(title, () => {
    let cluster: Cluster | undefined;
    beforeAll(async () => {
      if (unavailable) throw unavailable;
      cluster = await startCluster(options);
    }, START_MILLISECONDS);
    afterAll(async () => await cluster?.stop(), STOP_MILLISECONDS);
    define(() => {
      if (cluster) return cluster;
      throw new Error("The cluster is there within tests and hooks only");
    });
  });
}

/** Why {@link startCluster} would not start one here, found out without starting or building anything. */
export function whyUnavailable(options: ClusterOptions): ClusterUnavailableError | undefined {
  const programs = programsFor(options.controllers ?? [], options.nodes);
  return whyNotOn(process.platform) ?? whyNoNode(options) ?? whyNoCertificates() ?? whyNotAvailable(programs);
}

/** Process groups and a POSIX shell are what ends a cluster: without them none is begun. */
export function whyNotOn(platform: NodeJS.Platform): ClusterUnavailableError | undefined {
  if (platform !== "win32") return undefined;
  const problem = {
    code: "CLUSTER_PLATFORM",
    path: "platform",
    value: platform,
    reason: "a control plane runs on Linux and macOS only",
    remedy: "Use WSL, or name a cluster by KUBECONFIG_UNDER_TEST",
  };
  return new ClusterUnavailableError(problem, false);
}

/** In CI a skipped suite is a hole that nobody sees: only what no one could install there is an excuse. */
export function mustFail(
  { installable }: ClusterUnavailableError,
  { CI }: Readonly<Record<string, string | undefined>>,
) {
  return CI === "true" && installable;
}

function skip(title: string, reason: string, define: (cluster: () => Cluster) => void): void {
  skipLoudly(reason, title, () => {
    define(() => {
      throw new Error("A skipped suite has no cluster");
    });
  });
}
