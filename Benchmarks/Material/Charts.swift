import FHIR
import Foundation
import Node
import Primitives

/// The bundles that are imported: those of the test corpus where it is there (`PEERCHART_SHARED`, or
/// a folder `shared` beside this repository or one above), else the made-up family of the program.
struct Charts {
  let source: String
  /// What the charts refer to; imported once.
  let shared: [[UInt8]]
  /// Transaction bundles, one patient each. Imported again they give new records under new ids.
  let patients: [Bundle]

  struct Bundle {
    let bytes: [UInt8]
    let resources: Int
  }

  init() throws {
    if let folder = Self.corpus {
      source = "Synthea corpus"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".json") }.sorted()
      let isShared = { (name: String) in name.contains("Information") }
      // Hospitals before practitioners, which refer to them.
      shared = try names.filter(isShared).sorted().map { try Self.read(folder + "/" + $0) }
      patients = try names.filter { !isShared($0) }
        .map { try Bundle(Self.read(folder + "/" + $0)) }
    } else {
      source = "made-up family of the program"
      shared = [Array(SampleChart.organizations.json.utf8)]
      patients = try SampleChart.family.map { try Bundle(Array($0.json.utf8)) }
    }
    guard !patients.isEmpty else { throw BenchFailure("there are no charts to import") }
  }

  /// The bytes of every single resource, for peers that know nothing of bundles.
  func resources(of bundle: Bundle) throws -> [[UInt8]] {
    try ResourceBundle(parsing: bundle.bytes).entries.compactMap { try $0.resource?.bytes }
  }

  private static func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BenchFailure("\(path) cannot be read")
    }
    return Array(data)
  }

  private static var corpus: String? {
    var candidates: [String] = []
    if let named = ProcessInfo.processInfo.environment["PEERCHART_SHARED"] {
      candidates.append(named)
    } else {
      var folder = URL(fileURLWithPath: #filePath)
      while folder.path != "/" {
        folder.deleteLastPathComponent()
        candidates.append(folder.appendingPathComponent("shared").path)
      }
    }
    return candidates.map { $0 + "/corpus/fhir/synthea-r4" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}

extension Charts.Bundle {
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    resources = try ResourceBundle(parsing: bytes, limits: JSONLimits(maximumBytes: 256 << 20))
      .count
  }
}
