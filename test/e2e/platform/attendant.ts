/** Does in the cluster what controllers and owners do that aren't there: certificates of in-cluster issuers, and the database's administrator. */
import { setTimeout as sleep } from "node:timers/promises";
import { CLONE_SECRETS, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import type { ClonesSettings } from "../../../constructs/settings";
import { applyStrict, ClusterClient, KubeObject } from "../../cluster";
import { missingSecret } from "./certificates";
import { administratorSecret } from "./shared-database";

const INTERVAL_MILLISECONDS = 500;

/** Looks again and again, since what it waits for comes with the waves; a stopped one leaves what it made. */
export class Attendant {
  private readonly timer = new AbortController();
  private work: Promise<void> | undefined;

  constructor(
    private readonly client: ClusterClient,
    private readonly settings: Pick<ClonesSettings, "sharedDatabase">,
  ) {}

  start(): void {
    this.work ??= this.run();
  }

  async stop(): Promise<void> {
    this.timer.abort();
    await this.work;
  }

  /** One look at everything. */
  async look(): Promise<void> {
    await this.issueCertificates();
    await this.introduceAdministrator();
  }

  private async run(): Promise<void> {
    const { signal } = this.timer;
    while (!signal.aborted) {
      // The server may be busy, or just ending; whoever waits for a Secret says that it isn't there.
      await this.look().catch(() => undefined);
      await sleep(INTERVAL_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async issueCertificates(): Promise<void> {
    const [certificates, issuers] = await Promise.all(
      ["Certificate", "Issuer"].map((kind) => this.client.list("cert-manager.io/v1", kind)),
    );
    for (const certificate of certificates ?? []) {
      const made = await missingSecret(certificate, issuers ?? [], (...of) => this.secret(...of));
      if (made !== undefined) await this.client.create(made);
    }
  }

  private async introduceAdministrator(): Promise<void> {
    const contract = await this.secret(CLONE_SERVICE_NAMESPACE, CLONE_SECRETS.sharedDatabase.name);
    if (contract !== undefined) await applyStrict(this.client, [administratorSecret(this.settings, contract.data)]);
  }

  private secret(namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.client.find({ apiVersion: "v1", kind: "Secret", metadata: { namespace, name } });
  }
}
