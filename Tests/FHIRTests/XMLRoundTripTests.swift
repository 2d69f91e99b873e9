import FHIR
import Foundation
import Primitives
import TestSupport
import Testing

/// Other people's resources go through XML and come back with the same content.
@Suite(.enabled(if: FidelityCorpus.isPresent, "needs the folder shared/corpus"))
struct XMLRoundTripTests {
  private static let examples = ["r4-spec-examples", "us-core-6.1.0-examples"]

  @Test func everyExampleKeepsItsContent() throws {
    var count = 0
    for file in try Self.examples.flatMap(FidelityCorpus.files) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let indented = count % 2 == 1
      let xml = try FHIRXML.xml(from: document.root, indented: indented)
      let back = try FHIRXML.json(from: xml)
      #expect(try sorted(back) == sorted(document.root), "\(file.lastPathComponent)")
      // What was written from what was read is the same to the byte.
      let again = try FHIRXML.xml(from: JSONDocument(parsing: back).root, indented: indented)
      #expect(again == xml, "\(file.lastPathComponent)")
      count += 1
    }
    #expect(count > 400)
  }

  @Test func everySyntheaBundleKeepsItsContent() throws {
    for file in try FidelityCorpus.files("synthea-r4").prefix(4) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let back = try FHIRXML.json(from: FHIRXML.xml(from: document.root))
      #expect(try sorted(back) == sorted(document.root), "\(file.lastPathComponent)")
    }
  }

  /// A parser that we did not choose (expat, in Python) finds the same elements in what is written.
  @Test func anotherParserReadsWhatIsWritten() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("peerchart-xml-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var expected: [String] = []
    for file in try Self.examples.flatMap(FidelityCorpus.files) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      try Data(FHIRXML.xml(from: document.root))
        .write(to: folder.appendingPathComponent("\(expected.count).xml"))
      expected.append("\(document.root["resourceType"]?.string ?? "") \(values(document.root))")
    }
    let script = """
      import sys, xml.etree.ElementTree as tree
      for n in range(int(sys.argv[2])):
          root = tree.parse(f"{sys.argv[1]}/{n}.xml").getroot()
          space = "{http://hl7.org/fhir}"
          assert root.tag.startswith(space)
          print(root.tag[len(space):], sum("value" in e.attrib for e in root.iter()
                if e.tag.startswith(space)))
      """
    let (status, output) = try await ChildProcess.run(
      "python3", ["-c", script, folder.path, String(expected.count)])
    let printed = String(decoding: output, as: UTF8.self)
    #expect(status == 0)
    #expect(printed.split(separator: "\n").map(String.init) == expected)
  }

  /// How many values of primitives there are that XML has as an attribute `value`.
  private func values(_ value: JSONValue) -> Int {
    switch value.kind {
    case .object:
      value.members.reduce(0) { sum, member in
        let isElsewhere =
          member.name == "resourceType" || member.name == "div"
          || (member.name == "id" && value["resourceType"] == nil)
          || (member.name == "url" && isExtension(value))
        return sum + (isElsewhere ? 0 : values(member.value))
      }
    case .array: value.elements.reduce(0) { $0 + values($1) }
    case .null: 0
    default: 1
    }
  }

  private func isExtension(_ value: JSONValue) -> Bool {
    let pointer = value.pointer
    return pointer.hasSuffix("]")
      && (pointer.prefix { $0 != "?" }.split(separator: ".").last?.lowercased()
        .hasSuffix("xtension[\(pointer.split(separator: "[").last?.dropLast() ?? "")]") ?? false)
  }

  @Test func randomDamageIsAnErrorOrAResource() throws {
    let seed = FuzzRandom.printedSeed(for: "FHIR XML damage")
    var random = FuzzRandom(seed: seed)
    let pieces = [
      "<", ">", "/>", "\"", "&", "<!--", "]]>", "<![CDATA[", "<?", "&#x0;", "xmlns=\"\"", "\u{1}",
    ]
    for file in try FidelityCorpus.files("r4-spec-examples").prefix(120) {
      let document = try JSONDocument(parsing: FidelityCorpus.bytes(of: file))
      let xml = try FHIRXML.xml(from: document.root)
      for _ in 0..<10 {
        var damaged = xml
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged.removeSubrange(place...)
        case 1: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 2:
          damaged.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
        default:
          damaged.removeSubrange(
            place..<min(damaged.count, place + Int.random(in: 1...40, using: &random)))
        }
        do throws(PeerChartError) {
          let json = try FHIRXML.json(from: damaged)
          #expect(throws: Never.self, "seed \(seed) \(file.lastPathComponent)") {
            try JSONDocument(parsing: json)
          }
        } catch {
          #expect(
            error.place?.contains("line ") == true,
            "seed \(seed) \(file.lastPathComponent) \(error)")
        }
      }
    }
  }
}
