import type { WordPressClone } from "../../clones/domain/clone";

interface Parts {
  readonly metadata?: Partial<WordPressClone["metadata"]>;
  readonly spec?: Partial<WordPressClone["spec"]>;
  readonly status?: WordPressClone["status"];
}

/** A clone as the API server would show it, made at 14:30:22 for half an hour. */
export function cloneObject(name = "clone-20260205-143022", { metadata, spec, status }: Parts = {}): WordPressClone {
  return {
    apiVersion: "clones.betaweb.ai/v1alpha1",
    kind: "WordPressClone",
    metadata: {
      name,
      namespace: "wordpress-staging",
      uid: `uid-${name}`,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: "2026-02-05T14:30:22Z",
      ...metadata,
    },
    spec: { customerId: "acme", ttlSeconds: 1800, ...spec },
    ...(status && { status }),
  };
}
