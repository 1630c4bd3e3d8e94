import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Who may import whom (docs/architecture.md, "Boundaries"). `except` is relative to `from`. */
const BOUNDARIES = [
  {
    target: "./infra",
    from: "./constructs",
    except: [
      "./settings.ts",
      "./settings",
      "./contract.ts",
      "./versions.ts",
      "./shared/problems.ts",
      "./shared/cli.ts",
    ],
    message: "infra knows constructs by settings, contract and versions alone: it applies dist, it doesn't make it.",
  },
  { target: "./infra", from: "./clones", message: "infra applies what clones synthesized; it never imports it." },
  { target: "./constructs", from: "./infra", message: "constructs are synthesized without Pulumi." },
  { target: "./constructs", from: "./test", message: "Nothing that ships imports a test." },
  { target: "./infra", from: "./test", message: "Nothing that ships imports a test." },
  { target: "./clones", from: "./test", message: "Nothing that ships imports a test." },
  {
    target: ["./constructs/loomworks", "./constructs/shared"],
    from: "./clones",
    message: "Constructs stand below clones; only synth.ts knows both.",
  },
  {
    target: "./constructs/shared",
    from: "./constructs/loomworks",
    message: "shared stands below loomworks.",
  },
  { target: "./clones", from: "./infra", message: "clones know nothing of Pulumi." },
  {
    target: "./clones/!(templates)/**/*",
    from: "./constructs",
    except: ["./contract.ts", "./versions.ts", "./shared/problems.ts", "./shared/cli.ts"],
    message:
      "The service knows contract and versions, and the form of errors and commands; only clones/templates build on constructs.",
  },
  {
    target: "./clones/domain",
    from: ["./clones/!(domain)/**/*", "./constructs/**/*", "./node_modules/**/*"],
    message: "domain is pure: no I/O, no client, no framework.",
  },
];

/** What a browser gives a module, as far as the console uses it. */
const BROWSER = [
  "AbortController",
  "AbortSignal",
  "CSS",
  "DOMException",
  "Element",
  "Event",
  "FormData",
  "Headers",
  "HTMLElement",
  "Intl",
  "Node",
  "TextDecoder",
  "TextDecoderStream",
  "URL",
  "URLSearchParams",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "document",
  "fetch",
  "location",
  "navigator",
  "sessionStorage",
  "setInterval",
  "setTimeout",
  "window",
];

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "report/", "constructs/imports/*.ts", "!constructs/imports/generate.ts"] },
  {
    // The console's modules run as they are: nothing compiles them, so nothing else would see a name that isn't there.
    files: ["clones/console/*.js"],
    plugins: { "import-x": importX },
    languageOptions: {
      globals: Object.fromEntries(BROWSER.map((name) => [name, "readonly"])),
    },
    rules: {
      "no-undef": "error",
      "no-unused-vars": "error",
      "no-const-assign": "error",
      "no-dupe-keys": "error",
      "no-unreachable": "error",
      "no-eval": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "import-x/named": "error",
      "import-x/no-unresolved": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [importX.createNodeResolver({ extensions: [".ts", ".js", ".json"] })] },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: BOUNDARIES }],
      "import-x/no-cycle": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
      // A construct and a component do their work in the constructor: `new` is the statement.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ["clones/domain/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^[^.]", message: "domain is pure: no I/O, no client, no framework." }] },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Tests read manifests and registrations, which are as untyped as the cluster sees them.
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
