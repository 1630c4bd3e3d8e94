import { Testing } from "cdk8s";
import { parseSettings } from "../../../../constructs/settings";
import { WordPressCloneChart } from "../../../../clones/templates/wordpress-clone";
import { WordPressCloneDefinition } from "../../../../clones/templates/wordpress-clone/definition";
import { IMAGES } from "../../../../constructs/versions";
import { objectionsTo } from "../../../support/pod-security";
import { graphManifests } from "../../../support/clone-cluster";

const [graph] = graphManifests();
const { schema, resources } = graph!.spec;

const node = (id: string) => resources.find((one: any) => one.id === id);

/** Every text in a tree. */
function textsIn(tree: unknown): string[] {
  if (typeof tree === "string") return [tree];
  return typeof tree === "object" && tree !== null ? Object.values(tree).flatMap(textsIn) : [];
}

/** What stands between `${` and its brace, as KRO finds it: braces count, save between double quotes. */
function expressionsIn(text: string): string[] {
  const found: string[] = [];
  for (let start = text.indexOf("${"); start >= 0; start = text.indexOf("${", start + 1)) {
    let [depth, quoted, end] = [1, false, start + 2];
    for (; end < text.length && depth > 0; end += 1) {
      const character = text[end];
      if (character === '"') quoted = !quoted;
      else if (!quoted && character === "{") depth += 1;
      else if (!quoted && character === "}") depth -= 1;
    }
    expect(`${text}: ${depth}`).toBe(`${text}: 0`);
    found.push(text.slice(start + 2, end - 1));
    start = end - 1;
  }
  return found;
}

/** An expression without its texts. */
const codeOf = (expression: string) => expression.replaceAll(/"[^"]*"/g, '""');

/** Ids of nodes that an expression names. */
function nodesNamedIn(expression: string): string[] {
  const code = codeOf(expression);
  return resources.map(({ id }: any) => id).filter((id: string) => new RegExp(`(?<![.\\w])${id}(?!\\w)`).test(code));
}

const pods = [
  ["job", ["wordpress"]],
  ["sidecarJob", ["wordpress", "mysql"]],
] as const;

describe("[KRO-01] the schema of WordPressClone", () => {
  it("is the agreed kind", () => {
    expect(schema).toMatchObject({
      group: "clones.betaweb.ai",
      apiVersion: "v1alpha1",
      kind: "WordPressClone",
      scope: "Namespaced",
    });
  });

  it("has every field with its default, and bounds where the policy has no sentence", () => {
    const withoutDescription = Object.fromEntries(
      Object.entries<string>(schema.spec).map(([name, text]) => [name, text.replace(/ description=".*"$/, "")]),
    );
    expect(withoutDescription).toEqual({
      customerId: "string | required=true",
      ttlSeconds: "integer | default=1800",
      useDedicatedDatabase: "boolean | default=false",
      database: 'string | enum="sidecar,shared,dedicated,sqlite" default="shared"',
      image: 'string | default="registry.example.com/loomworks/wordpress-clone:0.1.0"',
      warmPod: 'string | default=""',
      routing: 'string | enum="host,path" default="host"',
      albGroup: "integer | default=0 minimum=0",
      exposeCredentials: "boolean | default=true",
    });
  });

  it("describes every field", () => {
    for (const text of Object.values<string>(schema.spec)) expect(text).toMatch(/ description="[^"]{10,}"$/);
  });

  it("takes image, domain, life and exposure from the settings", () => {
    const settings = parseSettings({
      clones: { domain: "clones.example.org", defaultTtlSeconds: 600, exposeCredentials: false },
    }).clones;
    const [made] = Testing.synth(new WordPressCloneChart(Testing.app(), "wordpress-clone", settings));
    const { spec, status } = made.spec.schema;
    expect(spec.ttlSeconds).toContain("default=600");
    expect(spec.exposeCredentials).toContain("default=false");
    expect(spec.image).toContain(`default="${settings.images.registry}/${IMAGES.wordpressClone}"`);
    expect(status.cloneUrl).toContain('".clones.example.org"');
  });
});

describe("[KRO-01] the graph of WordPressClone", () => {
  it("is written so that KRO finds the end of each expression", () => {
    const texts = textsIn([schema.status, resources]);
    expect(texts.flatMap(expressionsIn).length).toBeGreaterThan(50);
    // KRO knows no single quotes, and takes a brace between them for one of the expression's.
    for (const expression of texts.flatMap(expressionsIn)) expect(codeOf(expression)).not.toContain("'");
  });

  it("[KRO-02] has its nodes in the documents' order", () => {
    expect(resources.map(({ id }: any) => id)).toEqual(
      "platform pepper credentials dbInstance database job sidecarJob pods service ingress".split(" "),
    );
  });

  it("never refers to a node that may be left out: KRO would leave out the other too", () => {
    const optional = resources.filter(({ includeWhen }: any) => includeWhen).map(({ id }: any) => id);
    expect(optional).toEqual(["job", "sidecarJob"]);
    const named = textsIn(resources).flatMap(expressionsIn).flatMap(nodesNamedIn);
    expect(named.filter((id) => optional.includes(id))).toEqual([]);
  });

  it("[KRO-02] refers from each child to the one before it, which is what KRO goes by", () => {
    const namedBy = (id: string) => new Set(textsIn(node(id).template).flatMap(expressionsIn).flatMap(nodesNamedIn));
    expect(namedBy("credentials")).toEqual(new Set(["pepper"]));
    expect(namedBy("dbInstance")).toContain("credentials");
    expect(namedBy("job")).toContain("dbInstance");
    expect(namedBy("service")).toContain("pods");
    expect(namedBy("ingress")).toEqual(new Set(["service"]));
  });

  it("labels every child with clone and customer", () => {
    for (const { id, template } of resources.filter((one: any) => one.template)) {
      expect([id, template.metadata.labels]).toEqual([
        id,
        {
          "clones.betaweb.ai/clone": "${schema.metadata.name}",
          "clones.betaweb.ai/customer": "${schema.spec.customerId}",
        },
      ]);
    }
  });

  it("holds no credential, and puts each into the Secret alone", () => {
    const hashed = textsIn(graph).filter((text) => text.includes("hash."));
    expect(hashed.sort()).toEqual(
      Object.values<string>(node("credentials").template.stringData)
        .filter((text) => text.includes("hash."))
        .sort(),
    );
  });

  it("[KRO-03] has KRO's deletion of a Job take its pods along", () => {
    for (const [id] of pods) expect(node(id).template.metadata.finalizers).toEqual(["foregroundDeletion"]);
  });

  it("[KRO-04] bounds a Job by the clone's life, and has it replace a lost pod at once", () => {
    for (const [id] of pods) {
      expect(node(id).template.spec).toMatchObject({
        activeDeadlineSeconds: "${schema.spec.ttlSeconds}",
        ttlSecondsAfterFinished: "${schema.spec.ttlSeconds}",
      });
      // With it, the pod that follows a lost one would wait for the end of the grace period.
      expect(node(id).template.spec).not.toHaveProperty("podReplacementPolicy");
    }
  });
});

describe("[WARM-02] the pod of a clone", () => {
  it.each(pods)("of %s has %j, and keeps Pod Security restricted", (id, names) => {
    const { spec } = node(id).template.spec.template;
    expect(spec.containers.map(({ name }: any) => name)).toEqual(names);
    expect([...objectionsTo(node(id).template.spec.template)]).toEqual([]);
    expect(spec.automountServiceAccountToken).toBe(false);
  });

  it.each(pods)("of %s writes nowhere but to volumes", (id) => {
    const { containers, volumes } = node(id).template.spec.template.spec;
    const names = volumes.map(({ name }: any) => name);
    for (const { securityContext, volumeMounts } of containers) {
      expect(securityContext.readOnlyRootFilesystem).toBe(true);
      expect(names).toEqual(expect.arrayContaining(volumeMounts.map(({ name }: any) => name)));
    }
    expect(volumes.every(({ emptyDir }: any) => typeof emptyDir.sizeLimit === "string")).toBe(true);
  });

  it("says what decision 34 lets an environment say: staging, no scheduled events", () => {
    const { env } = node("job").template.spec.template.spec.containers[0];
    const value = (name: string) => env.find((one: any) => one.name === name)?.value;
    expect(value("WP_ENVIRONMENT_TYPE")).toBe("staging");
    expect(value("WORDPRESS_CONFIG_EXTRA")).toContain("define('DISABLE_WP_CRON', true);");
  });

  it("has MySQL listen to its own pod alone", () => {
    const mysql = node("sidecarJob").template.spec.template.spec.containers[1];
    expect(mysql).toMatchObject({ image: IMAGES.mysql, args: expect.arrayContaining(["--bind-address=127.0.0.1"]) });
    expect(mysql.ports).toBeUndefined();
  });
});

describe("the definition of WordPressClone", () => {
  it.each([
    ["CLONE_DOMAIN", { domain: "*.clones.example.com" }],
    ["CLONE_DOMAIN", { domain: "Clones.example.com" }],
    ["CLONE_DOMAIN", { domain: "localhost" }],
    ["CLONE_IMAGE", { image: "" }],
    ["CLONE_IMAGE", { image: 'a" default="b' }],
  ])("throws %s for %j", (code, props) => {
    const make = () => new WordPressCloneDefinition(Testing.chart(), "Definition", { image: "a/b:1", ...props });
    expect(make).toThrow(code);
  });

  it("names every problem at once", () => {
    const make = () => new WordPressCloneDefinition(Testing.chart(), "Definition", { image: " ", domain: "*" });
    expect(make).toThrow(/CLONE_DOMAIN .*\nCLONE_IMAGE /);
  });
});
