import ArgumentParser
import Exchange
import Logging
import Node
import PeerNetwork
import Primitives
import TransparencyLog

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a proof: of an entry of a log, a consent, its withdrawal, a document.",
    discussion: """
      The proof is a file that `audit prove` or a patient's page wrote. It is checked offline and without a \
      node: that the entry is in the log, that the log's key signed, who cosigned, where the log was \
      anchored. Required is that the log's key is known: by --key, by a policy, or because the node of \
      --data is paired with that one. `log policy` prints a node's key and its witnesses.

      Which cosignatures are enough says --policy; without one they are shown and none is asked for. \
      Time-stamps are checked with --ca. Blockchains are asked with --rpc and --bitcoin; nothing but block \
      and transaction numbers and the registry's address goes there. Without them such an anchor is unknown.

      The exit status is 0 only if all that is required holds; docs/format/proof.md says how to check a proof \
      without this program.

      Examples:
        peerchart verify entry42.proof --key peerchart/0f3a…9c+1f2e3d4c+AQ…
        peerchart verify entry42.proof --policy home.policy --ca tsa-root.pem
        peerchart --data ward verify entry42.proof --rpc https://rpc.example --json
      """)

  @OptionGroup var folder: FolderOption
  @Argument(help: ArgumentHelp("The proof; - is standard input.", valueName: "file"))
  var file: String
  @OptionGroup var known: KnownKeys
  @OptionGroup var anchors: AnchorLookup
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let verifier = try await known.verifier(folder)
    let answer: ProofAnswer
    do {
      answer = ProofAnswer(try await verify(try ProofFile.read(file), verifier))
    } catch let error as PeerChartError where ProofFile.isFaulty(error) {
      answer = ProofAnswer(unread: error)
    }
    if json {
      try StandardOutput.json(answer)
    } else {
      for line in answer.lines { try StandardOutput.line(line) }
    }
    guard answer.verification.isVerified else { throw ExitCode.failure }
  }

  private func verify(
    _ bundle: ProofBundle, _ verifier: ProofVerifier
  ) async throws -> ProofVerifier.Answer {
    try await anchors { sources in
      var verifier = verifier
      verifier.sources = sources
      return try await verifier.verify(bundle, now: SystemClock().now())
    }
  }
}

/// Whose keys a command takes for what they say they are.
struct KnownKeys: ParsableArguments {
  private static let mostKeys = 64

  @Option(
    help: ArgumentHelp(
      "The key of a log or of a witness, NAME+ID+KEY; repeatable.", valueName: "key"))
  var key: [String] = []
  @Option(
    help: ArgumentHelp(
      "Which logs, witnesses and cosignatures count (C2SP tlog-policy).", valueName: "file"))
  var policy: String?
  @Option(
    help: ArgumentHelp("Certificates (PEM) of time-stamping authorities.", valueName: "file"))
  var ca: String?

  func validate() throws {
    guard key.count <= Self.mostKeys else {
      throw ValidationError("--key is given at most \(Self.mostKeys) times; use --policy")
    }
  }

  /// What is given here, and what the node of `folder` knows, where one is named.
  func verifier(_ folder: FolderOption) async throws -> ProofVerifier {
    let policy = try policy.map {
      try WitnessPolicy(
        parsing: try FileSource(path: $0).readAll(limit: WitnessPolicy.maximumLength))
    }
    var verifier = ProofVerifier(trust: ProofTrust(policy: policy))
    if folder.path != nil {
      verifier = try await NodeFolder(folder).withNode {
        try await $0.exchange.proofVerifier(policy: policy)
      }
    }
    for text in key {
      if let log = try? Ed25519NoteVerifier(verifierKey: text) {
        verifier.trust.logs.append(log)
      } else if let witness = try? CosignatureVerifier(verifierKey: text) {
        verifier.trust.witnesses.append(witness)
      } else {
        throw PeerChartError(
          .invalid, "--key takes the key of a log or a witness, as `log policy` prints it")
      }
    }
    if let ca {
      verifier.trust.authorities += try TimeStampAuthority.readTrusted(
        pem: try FileSource(path: ca).readAll(limit: TimeStampToken.maximumLength))
    }
    return verifier
  }
}
