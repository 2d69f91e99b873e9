import ArgumentParser
import Exchange
import Foundation
import Node
import Primitives
import TransparencyLog

struct AnchorProviderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider", abstract: "See to the places to which anchors go.",
    subcommands: [AnchorProviderAdd.self, AnchorProviderList.self, AnchorProviderRemove.self])
}

struct AnchorProviderAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Send anchors to one more place.",
    discussion: """
      On a chain an account pays; its key is made here, or taken from a file, and kept in the vault. Send it \
      some of the chain's money before `deploy`. The fee cap is a promise: nothing is sent above it.
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: "A name for it, of a-z, 0-9 and -.") var name: String
  @Option(help: ArgumentHelp("The JSON-RPC address of a chain's node.", valueName: "url"))
  var evm: String?
  @Option(help: ArgumentHelp("The chain's number (EIP-155).", valueName: "number"))
  var chainId: UInt64?
  @Option(
    help: ArgumentHelp("The registry, if it is there already; else `deploy` it.", valueName: "0x…"))
  var registry: String?
  @Option(
    help: ArgumentHelp(
      "A file with the account's key in hexadecimal. Default: a new key.", valueName: "file"))
  var keyFile: String?
  @Option(help: ArgumentHelp("The highest fee for each gas, in gwei.", valueName: "gwei"))
  var feeCap: UInt64 = 50
  @Option(help: ArgumentHelp("The most gas for one anchor.", valueName: "gas"))
  var gasLimit: UInt64 = 150_000
  @Option(help: ArgumentHelp("A calendar of OpenTimestamps; repeatable.", valueName: "url"))
  var calendar: [String] = []
  @Option(
    help: ArgumentHelp("A Bitcoin node to look blocks up at (JSON-RPC).", valueName: "url"))
  var bitcoinNode: String?
  @Option(help: ArgumentHelp("A time-stamping authority (RFC 3161).", valueName: "url"))
  var authority: String?
  @Option(
    help: ArgumentHelp(
      "The certificates (PEM) that the authority's must lead to.", valueName: "file"))
  var trust: String?
  @Option(
    help: ArgumentHelp(
      "Blocks that confirm an anchor before it is final. Default: 32 on a chain, 6 in Bitcoin.",
      valueName: "blocks"))
  var depth: UInt64?
  @Option(
    help: ArgumentHelp(
      "How often. Default: hourly on a chain and at calendars, daily at an authority.",
      valueName: "time"),
    transform: TimeSpan.init(argument:))
  var every: TimeSpan?
  @Option(
    help: ArgumentHelp("A file with user:password for that place.", valueName: "file"))
  var credentialsFile: String?
  @Flag(help: "Print JSON for programs.") var json = false

  func validate() throws {
    let kinds = [evm != nil, !calendar.isEmpty, authority != nil].filter { $0 }.count
    guard kinds == 1 else {
      throw ValidationError("name one of --evm, --calendar (repeatable) and --authority")
    }
    guard (evm != nil) == (chainId != nil) else {
      throw ValidationError("--evm and --chain-id go together")
    }
    guard (authority != nil) == (trust != nil) else {
      throw ValidationError("--authority and --trust go together")
    }
    guard evm != nil || (keyFile == nil && registry == nil) else {
      throw ValidationError("--key-file and --registry are about a chain")
    }
    guard bitcoinNode == nil || !calendar.isEmpty else {
      throw ValidationError("--bitcoin-node is about calendars")
    }
    guard calendar.count <= 8, (1...100_000).contains(feeCap),
      depth.map({ (1...100_000).contains($0) }) ?? true,
      (30_000...10_000_000).contains(gasLimit)
    else {
      throw ValidationError(
        "at most 8 calendars, --fee-cap 1 to 100000, --depth 1 to 100000, --gas-limit 30000 to 10000000"
      )
    }
  }

  func run() async throws {
    let credentials = try credentialsFile.map { try Redacted(Self.line($0, "--credentials-file")) }
    let target = try target
    let interval = every?.seconds ?? (authority == nil ? 3600 : 86_400)
    let place = try AnchorPlace(
      name: name, target: target, interval: interval, credentials: credentials)
    let key = try keyFile.map { path in
      let text = try Self.line(path, "--key-file").lowercased()
      guard let key = Hex.decode(text.hasPrefix("0x") ? text.dropFirst(2) : text[...]) else {
        throw PeerChartError(
          .malformed, "a key is 64 hexadecimal digits on the first line", place: "--key-file")
      }
      return Redacted(key)
    }
    let added = try await node.withNode { node in
      try await node.exchange.addAnchorPlace(
        place, accountKey: key, as: node.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(added) }
    try StandardOutput.line(added.line)
  }

  private var target: AnchorPlace.Target {
    get throws {
      if let evm, let chainId {
        let address = try registry.map { text in
          guard let address = EthereumAddress(text) else {
            throw PeerChartError(
              .malformed, "this is no address of a contract", place: "--registry")
          }
          return address
        }
        return .chain(
          AnchorPlace.Chain(
            node: try AnchorAddress(evm), chainID: chainId, registry: address,
            feeCap: feeCap * 1_000_000_000, gasLimit: gasLimit, depth: depth ?? 32))
      }
      if let authority, let trust {
        let file = try FileSource(path: trust).readAll(limit: 1 << 20)
        return .authority(
          AnchorPlace.Authority(
            address: try AnchorAddress(authority),
            trusted: try TimeStampAuthority.readTrusted(pem: file).map { Data($0) }))
      }
      return .calendars(
        AnchorPlace.Calendars(
          calendars: try calendar.map { try AnchorAddress($0) },
          bitcoin: try bitcoinNode.map { try AnchorAddress($0) }, depth: depth ?? 6))
    }
  }

  private static func line(_ path: String, _ option: String) throws -> String {
    let bytes = try FileSource(path: path).readAll(limit: 4096)
    let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    guard !line.isEmpty else { throw PeerChartError(.invalid, "the file is empty", place: option) }
    return line
  }
}

extension AnchorPlaceSummary {
  /// One line for people.
  var line: String {
    var parts = [name, kind.rawValue, address, "every \(interval) s"]
    if let chain { parts.append(chain) }
    if let account { parts.append("account \(account)") }
    if let registry { parts.append("registry \(registry)") }
    return parts.joined(separator: "  ")
  }
}

struct AnchorProviderList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the places to which anchors go.")

  @OptionGroup var node: NodeOptions
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let places = try await node.withNode {
      try await $0.exchange.anchorPlaces(as: $0.exchange.nodeOperator())
    }
    if json { return try StandardOutput.json(["providers": places]) }
    for place in places { try StandardOutput.line(place.line) }
  }
}

struct AnchorProviderRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Send no more anchors there. The account's key goes with it: empty the account first."
  )

  @OptionGroup var node: NodeOptions
  @Argument(help: "Its name.") var name: String

  func run() async throws {
    try await node.withNode {
      try await $0.exchange.removeAnchorPlace(name, as: $0.exchange.nodeOperator())
    }
  }
}
