public import Primitives

/// A document put together from a stored Composition and what it refers to (R4 3.3, operation
/// `$document`).
///
/// The caller is asked for records in rounds: `wanted` names them, `supply` takes those that there are
/// and that may be shown. A record that is not supplied leaves a reference without its literal, and
/// the Bundle is tagged as a part of the whole (`SUBSETTED`).
public struct CompositionDocument: Sendable {
  /// Bounds on one document.
  public struct Limits: Sendable {
    public var resources = 2000
    public var bytes = 64 << 20

    /// The limits that there are unless somebody says otherwise.
    public init() {}
  }

  private let frame: DocumentFrame
  private let limits: Limits
  private let composition: Resource
  private let subjects: [ReferenceTarget]
  private let direct: Set<ReferenceTarget>
  private var entries: DocumentEntries
  private var asked: Set<ReferenceTarget> = []
  private var next: [ReferenceTarget]
  private var bytes: Int

  /// - Throws: `invalid` for what is no stored Composition.
  public init(
    of composition: Resource, frame: DocumentFrame, limits: Limits = Limits()
  ) throws(PeerChartError) {
    guard composition.type == "Composition", let target = composition.target else {
      throw PeerChartError(.invalid, "a document is made of a Composition that is stored")
    }
    self.frame = frame
    self.limits = limits
    self.composition = composition
    subjects = PatientCompartment.patients(of: composition)
    entries = DocumentEntries(frame)
    entries.append(composition)
    asked = [target]
    let earlier = Self.earlierDocuments(composition, base: frame.base)
    next = composition.localTargets(base: frame.base).filter { !earlier.contains($0) }
    direct = Set(next)
    bytes = composition.root.range.count
  }

  /// The records to ask for next, each once; empty when the document is complete.
  ///
  /// - Throws: `too-large` where there are more than one document holds.
  public mutating func wanted() throws(PeerChartError) -> [ReferenceTarget] {
    let round = next.filter { asked.insert($0).inserted }
    next = []
    guard asked.count <= limits.resources else {
      throw PeerChartError(
        .tooLarge, "the document would refer to more than \(limits.resources) resources")
    }
    return round
  }

  /// Adds a record that was asked for.
  ///
  /// - Throws: `too-large` where the document holds no more.
  public mutating func supply(_ record: Resource) throws(PeerChartError) {
    guard let target = record.target, asked.contains(target), !entries.targets.contains(target)
    else { return }
    guard direct.contains(target) || isOfSubject(record) else { return }
    bytes += record.root.range.count
    guard bytes <= limits.bytes else {
      throw PeerChartError(
        .tooLarge, "the document would be larger than \(limits.bytes >> 20) MB")
    }
    entries.append(record)
    next += record.localTargets(base: frame.base).filter { $0.type != "Composition" }
  }

  /// The records that the document is made of.
  public var sources: Set<ReferenceTarget> { entries.targets }

  /// Whether everything is there that the Composition itself refers to.
  public var isComplete: Bool { direct.isSubset(of: entries.targets) }

  /// The document.
  public func bundle() -> [UInt8] {
    guard !isComplete else { return entries.bundle() }
    return entries.bundle(meta: [
      (
        "tag",
        [
          [
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "code": "SUBSETTED",
          ]
        ]
      )
    ])
  }

  /// What is about somebody else comes along only where the Composition itself refers to it.
  private func isOfSubject(_ record: Resource) -> Bool {
    let patients = PatientCompartment.patients(of: record)
    return patients.isEmpty || patients.contains { subjects.contains($0) }
  }

  /// A document that this one replaces is named, not repeated.
  private static func earlierDocuments(_ composition: Resource, base: String) -> Set<
    ReferenceTarget
  > {
    Set(
      (composition.root["relatesTo"].map { Array($0.elements) } ?? []).compactMap { relation in
        relation["targetReference"]?["reference"]?.string.flatMap(ReferenceTarget.init(parsing:))
          .map { ReferenceTarget(type: $0.type, id: $0.id) }
      })
  }
}
