import Audit
import Exchange
import FHIR
import Foundation
import Node
import Primitives
import SecDocument
import TransparencyLog

extension Demonstration {
  /// The chart goes over as one signed and sealed document (catalogue N7, N8).
  func transfer() async {
    var document: [UInt8] = []
    await step("the chart is issued as a .sec document for the hospital and delivered") {
      let bundle = try await household.exchange.chartBundle(
        of: patient, types: nil, as: household.owner)
      var sink = SecBytesSink()
      _ = try await household.exchange.issue(
        SecBytesSource(bundle), to: &sink,
        draft: SecDraft(
          mediaType: "application/fhir+json", created: SystemClock().now(),
          subject: "Patient/\(patient)",
          documentType: SecDocumentType(code: "34133-9", display: "Summary of episode note")),
        recipients: [.node(hospital.exchange.nodeID)], patient: patient, as: household.owner)
      document = sink.bytes
      try await household.exchange.deliver(
        document: document, title: "Chart", to: hospital.exchange.nodeID, as: household.owner)
      return "\(document.count >> 10) KiB"
    }
    await step("the hospital opens it: signature, issuer and place in the log hold") {
      let received = try await eventually("the document arrives") {
        try await hospital.exchange.receivedDocuments().last
      }
      let bytes = try await hospital.exchange.receivedDocument(received.id)
      try require(bytes == document, "the document changed on its way")
      let verification = try await verify(bytes)
      try require(verification.isVerified, "it does not verify")
      report.documents.verified += 1
      return ""
    }
    await step("a flipped bit in the document is noticed") {
      for place in [40, document.count / 2, document.count - 20]
      where document.indices.contains(place) {
        var forged = document
        forged[place] ^= 1
        let isVerified = (try? await verify(forged))?.isVerified ?? false
        try require(!isVerified, "a change at byte \(place) went unnoticed")
      }
      return ""
    }
  }

  private func verify(_ document: [UInt8]) async throws -> Verification {
    var sink = SecDiscard()
    return try await hospital.exchange.open(
      document: SecBytesSource(document), passphrase: nil, to: &sink, as: hospital.owner)
  }

  /// Changes a byte in a copy of the household's log, as somebody with access to the disk could.
  func tamper(workFolder: String) async {
    await step("a flipped bit in a copy of the log is named by its place") {
      let copy = workFolder + "/tampered"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      try FileManager.default.copyItem(atPath: household.node.folder.path, toPath: copy)
      // Opening and closing the copy brings everything from the write-ahead log into the file.
      let opened = try await PeerChartNode.open(DataFolder(copy)) { throw DemoFailure(reason: "") }
      let proof = try await opened.exchange.proveAudit(
        3, of: nil, as: opened.exchange.nodeOperator())
      await opened.close()
      try flip(proof.entry.leafHash.bytes, inFolder: copy + "/store")
      let node = try await PeerChartNode.open(DataFolder(copy)) { throw DemoFailure(reason: "") }
      let verification = try await node.exchange.verifyAudit { _ in }
      await node.close()
      try require(
        !verification.verified && verification.findings.first?.hasPrefix("entry 3:") == true,
        "the change was not found where it is")
      return verification.findings.first ?? ""
    }
  }

  private func flip(_ bytes: [UInt8], inFolder folder: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let path = folder + "/" + name
      guard var data = FileManager.default.contents(atPath: path),
        let range = data.range(of: Data(bytes))
      else { continue }
      data[range.lowerBound] ^= 1
      try data.write(to: URL(fileURLWithPath: path))
      return
    }
    throw DemoFailure(reason: "the entry is not in the files")
  }

  /// Both logs, recomputed once more at the end.
  func verifyLogs() async {
    await step("both nodes' logs verify") {
      var entries: UInt64 = 0
      for node in [household, hospital] {
        let verification = try await node.exchange.verifyAudit { _ in }
        try require(verification.verified, verification.findings.first ?? "a log does not verify")
        entries += verification.entries
      }
      report.audit = DemoReport.Audit(entries: entries, verified: true)
      return "\(entries) entries"
    }
  }
}
