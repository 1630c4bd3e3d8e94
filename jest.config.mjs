/** One project a level of the pyramid: the ending of a test's name says what it needs to run (docs/contributing.md). */
const common = {
  testEnvironment: "node",
  // What jest wraps at a suite's end for its warnings calls itself without end when something is set there later.
  testEnvironmentOptions: { globalsCleanup: "off" },
  roots: ["<rootDir>/test"],
  transform: {
    "^.+\\.[cm]?[jt]s$": [
      "ts-jest",
      { tsconfig: { allowJs: true, isolatedModules: true, esModuleInterop: true, rootDir: "." } },
    ],
  },
  // These come as ES modules alone, which jest's CommonJS registry can't load as they are.
  transformIgnorePatterns: ["node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose)/)"],
};

const level = (name, testMatch, more = {}) => ({ ...common, displayName: name, testMatch, ...more });

export default {
  // Five seconds, jest's own, have failed tests for what else the machine had to do; what hangs is seen after thirty as well.
  testTimeout: 30_000,
  reporters: ["default", "<rootDir>/test/results-reporter.cjs"],
  projects: [
    level("unit", ["**/*.test.ts"], {
      testPathIgnorePatterns: ["/node_modules/", "\\.(cluster|load|process|pulumi|pods)\\.test\\.ts$"],
    }),
    level("cluster", ["**/*.cluster.test.ts"]),
    // One after the other: they load the control plane or the machine, or hold it to a time.
    level("load", ["**/*.load.test.ts"]),
    level("process", ["**/*.process.test.ts"]),
    level("pulumi", ["**/*.pulumi.test.ts"]),
    // One after the other: this machine is a node once.
    level("pods", ["**/*.pods.test.ts"]),
  ],
};
