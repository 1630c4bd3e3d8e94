/** An API server for copies alone, with KRO's part played by the test: names, versions and preconditions are real. */
import { ApiException } from "@kubernetes/client-node";
import type { CopyPhase, OdooCopy } from "../../../clones/domain/tenant-copy";
import type { Kube, Resource } from "../../../clones/provisioner/kube";

interface Change {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly spec?: Partial<OdooCopy["spec"]>;
}

export class StandInKube {
  readonly copies = new Map<string, OdooCopy>();
  /** What was asked for, in order: `create copy-…`. */
  readonly asked: string[] = [];
  /** Objects that the namespace's quota admits. */
  quota = 10;
  /** While it is set, nothing but this is answered. */
  failure: Error | undefined;
  /** KRO, after each change. */
  reconcile: (copy: OdooCopy) => void = () => undefined;
  private version = 1;

  constructor(private readonly now: () => Date) {}

  get kube(): Kube {
    return this as unknown as Kube;
  }

  find(_resource: Resource, _namespace: string, name: string): Promise<OdooCopy | undefined> {
    return this.answer(() => this.copies.get(name));
  }

  list(_resource: Resource, _namespace: string, query: { readonly labelSelector?: string } = {}) {
    const [key = "", value] = query.labelSelector?.split("=") ?? [];
    const items = () =>
      [...this.copies.values()].filter(({ metadata }) => key === "" || metadata.labels?.[key] === value);
    return this.answer(() => ({ items: items(), metadata: {} }));
  }

  create(_resource: Resource, namespace: string, body: OdooCopy): Promise<OdooCopy> {
    return this.answer(() => {
      const { name } = body.metadata;
      this.asked.push(`create ${name}`);
      if (this.copies.has(name)) throw refusal(409, "AlreadyExists");
      if (this.copies.size >= this.quota) throw refusal(403, "forbidden: exceeded quota: odoo-copies");
      const creationTimestamp = this.now().toISOString();
      const metadata = { ...body.metadata, namespace, uid: `uid-${(this.version += 1)}`, creationTimestamp };
      return this.put({ ...body, metadata: { ...metadata, resourceVersion: "" } });
    });
  }

  merge(_resource: Resource, _namespace: string, name: string, change: Change): Promise<OdooCopy> {
    return this.answer(() => {
      this.asked.push(`merge ${name} ${JSON.stringify(change.spec)}`);
      const copy = this.copies.get(name);
      if (copy === undefined) throw refusal(404, "NotFound");
      const wanted = change.metadata?.resourceVersion ?? copy.metadata.resourceVersion;
      if (wanted !== copy.metadata.resourceVersion) throw refusal(409, "Conflict");
      return this.put({ ...copy, spec: { ...copy.spec, ...change.spec } });
    });
  }

  delete(_resource: Resource, _namespace: string, name: string, { uid }: { readonly uid?: string }): Promise<boolean> {
    return this.answer(() => {
      this.asked.push(`delete ${name}`);
      if (this.copies.get(name)?.metadata.uid !== uid) throw refusal(409, "Conflict");
      return this.copies.delete(name);
    });
  }

  /** What KRO would say. */
  say(name: string, phase: CopyPhase, more: object = {}): void {
    const copy = this.copies.get(name);
    if (copy !== undefined) this.copies.set(name, { ...copy, status: { url: `https://${name}.test`, ...more, phase } });
  }

  /** Becomes ready at once, and is removed at once. */
  obey(): void {
    this.reconcile = ({ metadata: { name }, spec }) => this.say(name, spec.ended === true ? "Removed" : "Ready");
  }

  private put(copy: OdooCopy): OdooCopy {
    const { name } = copy.metadata;
    const written = { ...copy, metadata: { ...copy.metadata, resourceVersion: String((this.version += 1)) } };
    this.copies.set(name, written);
    this.reconcile(written);
    return written;
  }

  private answer<T>(give: () => T): Promise<T> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve().then(give);
  }
}

export function refusal(status: number, message: string): ApiException<unknown> {
  return new ApiException(status, message, JSON.stringify({ message }), {});
}
