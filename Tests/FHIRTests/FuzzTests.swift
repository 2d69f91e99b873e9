import FHIR
import Foundation
import Primitives
import Testing

/// A bounded fuzzer: whatever happens to the bytes, the answer is a value or an error, and what was
/// taken survives editing. `make fuzz` runs the same with libFuzzer for as long as one likes.
@Suite struct FuzzTests {
  private static let samples: [String] = [
    #"{"resourceType":"Patient","id":"p1","meta":{"profile":["u"],"versionId":"1"},"name":[{"family":"Ünal","given":["A\u00e9\ud83d\ude00"]}],"multipleBirthInteger":2}"#,
    #"{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/1"},"valueQuantity":{"value":1.10,"system":"http://unitsofmeasure.org"},"component":[{"valueDecimal":-1.0E+2}],"text":{"div":"<div><a href=\"urn:uuid:x\">y</a><img src='Binary/1'/></div>"}}"#,
    #"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:x","resource":{"resourceType":"Basic","subject":{"reference":"Patient?identifier=a|b"}},"request":{"method":"POST","url":"Basic","ifNoneExist":"q=1"}},{"request":{"method":"DELETE","url":"Basic/1"}}]}"#,
    "[" + (0..<40).map { "{\"n\($0)\":[\($0),null,true]}" }.joined(separator: ",\n  ") + "]",
    "{" + (0..<40).map { "\"name\($0)\":{\"a\":\"\($0)\",\"b\":[]}" }.joined(separator: ",") + "}",
  ]

  @Test func mutationsNeverTrap() throws {
    let seed = FuzzRandom.printedSeed(for: "FHIR fuzz")
    var random = FuzzRandom(seed: seed)
    var inputs = Self.samples.map { Array($0.utf8) }
    for file in try FidelityCorpus.files("r4-spec-examples").prefix(40) {
      inputs.append(Array(try FidelityCorpus.bytes(of: file).prefix(6000)))
    }
    var accepted = 0
    let environment = ProcessInfo.processInfo.environment["PEERCHART_FUZZ_ITERATIONS"]
    let iterations = environment.flatMap { Int($0) } ?? 5_000
    for _ in 0..<iterations {
      // The small ones more often: they are quick and reach further.
      let first = Bool.random(using: &random) ? inputs.prefix(Self.samples.count) : inputs[...]
      guard var bytes = first.randomElement(using: &random) else { return }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        mutate(&bytes, with: inputs, &random)
      }
      if try exercise(bytes, "seed \(seed)") { accepted += 1 }
    }
    // Mutations that change a letter or a digit leave JSON, so a good part must get through.
    #expect(accepted > iterations / 50)
  }

  private func mutate(_ bytes: inout [UInt8], with inputs: [[UInt8]], _ random: inout FuzzRandom) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let length = Int.random(in: 0...min(20, bytes.count - place), using: &random)
    switch Int.random(in: 0..<9, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes = Array(bytes[..<place])
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 5: bytes[place] = Array("{}[]\",:\\0-ea1 \n".utf8).randomElement(using: &random) ?? 0
    case 6:
      let words = [
        "null", "\"id\":\"\"", "\\u", "\\ud800", "1e9", "[[", "{\"", "\u{FEFF}", "'", "{}",
      ]
      bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
    case 7: bytes[place] = UInt8.random(in: 0x61...0x7A, using: &random)
    default:
      guard let other = inputs.randomElement(using: &random), !other.isEmpty else { return }
      let start = Int.random(in: 0..<other.count, using: &random)
      bytes.replaceSubrange(
        place..<place + length, with: other[start..<min(other.count, start + 30)])
    }
  }

  /// True when the bytes were JSON.
  private func exercise(_ bytes: [UInt8], _ comment: Comment) throws -> Bool {
    var splitter = NDJSONSplitter(maximumLineBytes: 4000)
    for line in (try? splitter.split(bytes)) ?? [] { _ = try? line.resource() }
    let document: JSONDocument
    do throws(PeerChartError) {
      document = try JSONDocument(parsing: bytes)
    } catch {
      #expect(error.place != nil, comment)
      _ = OperationOutcome.bytes(for: [error])
      return false
    }
    let tree = JSONTree(document.root)
    let again = try JSONDocument(parsing: tree.serialized())
    #expect(JSONTree(again.root) == tree, comment)
    #expect(JSONComparison.differences(document.root, again.root).isEmpty, comment)
    if let canonical = try? CanonicalJSON.serialize(document.root) {
      let root = try JSONDocument(parsing: canonical).root
      #expect(try CanonicalJSON.serialize(root) == canonical, comment)
    }
    if let resource = try? Resource(document.root) { try exercise(resource, comment) }
    if let bundle = try? ResourceBundle(Resource(document.root)) {
      for entry in bundle.entries {
        _ = try? entry.fullUrl
        _ = try? entry.request
        if let resource = try? entry.resource { try exercise(resource, comment) }
      }
    }
    return true
  }

  private func exercise(_ resource: Resource, _ comment: Comment) throws {
    _ = resource.structureErrors()
    _ = resource.structureWarnings()
    let links = resource.edits(replacing: resource.links) { $0.origin == .narrative ? "a&b" : "\"" }
    _ = try JSONDocument(parsing: resource.applying(links))
    let edited = try Resource(
      parsing: resource.withIdentity(
        id: "new", versionId: "7", lastUpdated: Instant(millisecondsSinceEpoch: 0)))
    #expect(edited.id == "new", comment)
    #expect(edited.removingIdentity() == resource.removingIdentity(), comment)
    _ = try JSONDocument(parsing: edited.removingIdentity())
  }
}
