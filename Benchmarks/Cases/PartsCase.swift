import Crypto
import FHIR
import Foundation
import Primitives
import Vault

/// The parts that an import and a read are made of, each by itself. For guidance: no targets.
struct PartsCase {
  let charts: Charts
  let span: Double

  func run() throws -> [Figure] {
    guard let bundle = charts.patients.max(by: { $0.bytes.count < $1.bytes.count }) else {
      return []
    }
    let limits = JSONLimits(maximumBytes: 256 << 20)
    let parse = try Samples.collect(span: span) {
      blackHole(try JSONDocument(parsing: bundle.bytes, limits: limits))
    }
    let bodies = try charts.resources(of: bundle)
    let resources = try bodies.map { try Resource(parsing: $0) }
    let average = Double(bodies.reduce(0) { $0 + $1.count }) / Double(bodies.count)

    return [
      Figure(
        name: "JSON parse", value: Double(bundle.bytes.count) / parse.quantile() / 1e6,
        unit: "MB/s",
        note: "largest bundle; figures below: its \(bodies.count) resources, "
          + "\(FigureTable.text(average)) bytes on average"),
      perItem("links of a resource", resources, "µs", 1e6) { blackHole($0.links) },
      perItem("index terms of a resource", resources, "µs", 1e6) { blackHole(indexTerms(of: $0)) },
      try tokens(resources),
      perItem("sensitivity labels of a resource", resources, "µs", 1e6) {
        blackHole(SensitivityLabel.labels(of: $0))
      },
      perItem("patients of a resource", resources, "µs", 1e6) {
        blackHole(PatientCompartment.patients(of: $0))
      },
      perItem("identity set in a resource", resources, "µs", 1e6) {
        blackHole(
          $0.withIdentity(
            id: "5d2a2d08-cf2e-b7ad-a0db-77551a2777ec", versionId: "1",
            lastUpdated: Instant(millisecondsSinceEpoch: 0)))
      },
    ] + (try sealing(bodies))
  }

  private func tokens(_ resources: [Resource]) throws -> Figure {
    let index = BlindIndex(key: SymmetricKey(size: .bits256))
    let terms = resources.flatMap { resource in indexTerms(of: resource).map { (resource, $0) } }
    return perItem("token of an index term", terms, "ns", 1e9) { resource, term in
      blackHole(index.token(resource.type, term.parameter, term.value))
    }
  }

  private func sealing(_ bodies: [[UInt8]]) throws -> [Figure] {
    let sealer = RecordSealer(random: SystemRandom())
    let key = DataKey(
      slot: 1, generation: 1, secret: SecretBytes(random: SystemRandom(), count: 32))
    let context = SealContext(slot: 1, key: [UInt8](repeating: 1, count: 16), version: 1)
    let sealed = try bodies.map { try sealer.seal($0, key: key, context: context) }
    return [
      try perItem("record compressed and sealed", bodies, "µs", 1e6) {
        blackHole(try sealer.seal($0, key: key, context: context))
      },
      try perItem("record opened", sealed, "µs", 1e6) {
        blackHole(try sealer.open($0, key: key, context: context))
      },
    ]
  }

  /// One round over all items is one sample.
  private func perItem<Item>(
    _ name: String, _ items: [Item], _ unit: String, _ scale: Double,
    _ body: (Item) throws -> Void
  ) rethrows -> Figure {
    let samples = try Samples.collect(span: span) { for item in items { try body(item) } }
    return Figure(
      name: name, value: samples.quantile() / Double(max(1, items.count)) * scale, unit: unit)
  }
}
