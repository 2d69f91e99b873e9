import Foundation
import Testing

/// What the sources must not hold, because it would open a way for input into something else: a shell, a
/// statement, a decoder, a home-made cipher.
@Suite struct SourceRuleTests {
  private static func sources() throws -> [ImportRules.Source] {
    try ImportRules.sources(below: Repository.root.appending(path: "Sources"))
  }

  /// `path: line` for every line of code that matches, comments left out.
  private static func lines(
    _ sources: [ImportRules.Source], where matches: (Substring) -> Bool
  ) -> [String] {
    sources.flatMap { source in
      source.text.split(separator: "\n").filter { line in
        !line.drop(while: { $0 == " " }).hasPrefix("//") && matches(line)
      }.map { "\(source.path): \($0.trimmingCharacters(in: .whitespaces))" }
    }
  }

  /// Whether a line calls a function of that name, rather than one whose name ends so.
  private static func calls(_ name: String, _ line: Substring) -> Bool {
    line.ranges(of: name + "(").contains { range in
      guard range.lowerBound > line.startIndex else { return true }
      let before = line[line.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_" && before != "."
    }
  }

  @Test func noCommandIsBuiltFromInput() throws {
    let sources = try Self.sources()
    #expect(sources.count > 500)
    let shells = ["system", "popen", "posix_spawn", "posix_spawnp", "execv", "execve", "execl"]
    #expect(Self.lines(sources) { line in shells.contains { Self.calls($0, line) } } == [])
    // The demonstration starts this very program, with arguments of its own, and no shell.
    let started = Self.lines(sources) { Self.calls("Process", $0) }
    #expect(started.map { $0.prefix { $0 != ":" } } == ["peerchart/Demo/ServedNode.swift"])
    #expect(Self.lines(sources) { $0.contains("/bin/sh") || $0.contains("/bin/bash") } == [])
  }

  /// What stands in a statement besides its own words is a name of ours or a number of placeholders;
  /// values are bound.
  @Test func noStatementIsBuiltFromInput() throws {
    let storage = try Self.sources().filter { $0.module == "Storage" }
    #expect(storage.count > 20)
    let words = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WHERE ", " VALUES"]
    let found = Self.lines(storage) { line in
      line.contains("\\(") && words.contains { line.contains($0) }
    }
    let names: Set<String> = [
      "table", "filter", "versionColumns", "outboxColumns", "table.columns", "table.name",
      "table.order", "table.sourceTable", "PostgreSQLListener.channel", "columns", "order", "part",
      "condition", "number", "Self.versionColumns", "RowNumber.parts", "RowNumber.parts - 1",
      "RowNumber.countBits", "IndexEntry.lowest.token", "IndexEntry.lowest.row",
    ]
    let foreign = found.filter { line in
      line.matches(of: /\\\(([^()]*)\)/).contains { !names.contains(String($0.output.1)) }
    }
    #expect(found.count >= 5)
    #expect(foreign == [])
  }

  /// No spreadsheet is written, so no cell can be a formula. Who adds one meets this test.
  @Test func noSpreadsheetIsWritten() throws {
    let found = Self.lines(try Self.sources()) { $0.contains("text/csv") }
    // The media types of files that somebody seals by hand.
    #expect(found.map { $0.prefix { $0 != ":" } } == ["peerchart/Sec/MediaType.swift"])
  }

  @Test func everyPackageIsAKnownOne() throws {
    let file = Repository.root.appending(path: "Package.resolved")
    struct Resolved: Decodable {
      struct Pin: Decodable {
        let identity: String
        let location: String
      }
      let pins: [Pin]
    }
    let pins = try JSONDecoder().decode(Resolved.self, from: Data(contentsOf: file)).pins
    // Cryptography comes from swift-crypto, swift-certificates and swift-nio-ssl (all BoringSSL), and from
    // libsodium, libargon2 and libsecp256k1; none of the others has ciphers, and none decodes images, sound or archives.
    let known: Set<String> = [
      "async-http-client", "grdb.swift", "hummingbird", "swift-algorithms", "swift-argument-parser",
      "swift-asn1", "swift-async-algorithms", "swift-atomics", "swift-certificates",
      "swift-collections", "swift-configuration", "swift-crypto", "swift-distributed-tracing",
      "swift-http-structured-headers", "swift-http-types", "swift-log", "swift-metrics",
      "swift-mustache", "swift-nio", "swift-nio-extras", "swift-nio-http2", "swift-nio-ssl",
      "swift-nio-transport-services", "swift-numerics", "swift-service-context",
      "swift-service-lifecycle", "swift-system",
    ]
    #expect(!pins.isEmpty && Set(pins.map(\.identity)).subtracting(known) == [])
    #expect(pins.allSatisfy { $0.location.hasPrefix("https://") || $0.location.hasPrefix("file:") })
    let system = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appending(path: "Sources").path
    ).filter { name in
      FileManager.default.fileExists(
        atPath: Repository.root.appending(path: "Sources/\(name)/module.modulemap").path)
    }
    #expect(
      Set(system) == [
        "CArgon2", "CLibPQ", "CLibXML2", "CQREncode", "CSecp256k1", "CSodium", "CZlib", "CZstd",
      ],
      "another system library has to be looked at")
  }

  /// The constants by which ciphers and hashes are known: who writes one by hand needs them.
  @Test func noCipherIsHomeMade() throws {
    let constants = [
      "0x67452301", "0x6a09e667", "0x6a09e667f3bcc908", "0x428a2f98", "0x61707865", "0xd76aa478",
      "0x63, 0x7c, 0x77", "0x63,0x7c,0x77", "0x243f6a88", "expand 32-byte k", "0x5be0cd19",
    ]
    let found = Self.lines(try Self.sources()) { line in
      let text = line.lowercased().replacing("_", with: "")
      return constants.contains { text.contains($0) }
    }
    #expect(found == [])
  }

  @Test func noSecretStandsInTheRepository() throws {
    var files = 0
    for folder in ["Sources", "Scripts", "docs", "Benchmarks", "Deploy"] {
      let root = Repository.root.appending(path: folder)
      let names = FileManager.default.enumerator(atPath: root.path)
      while let name = names?.nextObject() as? String {
        guard let data = FileManager.default.contents(atPath: root.appending(path: name).path),
          data.count < 4 << 20, let text = String(data: data, encoding: .utf8)
        else { continue }
        files += 1
        #expect(!text.contains("PRIVATE KEY-----\n"), "\(folder)/\(name)")
        #expect(
          text.firstMatch(of: /pct_[A-Za-z0-9_\-]{43}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}/) == nil,
          "\(folder)/\(name)")
      }
    }
    #expect(files > 500)
  }
}
