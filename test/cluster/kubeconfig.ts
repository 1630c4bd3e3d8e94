/** Where a kubeconfig leads, and as whom. */
export interface Access {
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
  readonly user: string;
  readonly token: string;
}

/** A kubeconfig's text. JSON, which every reader of YAML reads. */
export function kubeconfigText({ server, authority, user, token }: Access): string {
  const name = "loomworks-test";
  return JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name, cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") } },
      ],
      users: [{ name: user, user: { token } }],
      contexts: [{ name, context: { cluster: name, user } }],
      "current-context": name,
    },
    undefined,
    2,
  );
}
