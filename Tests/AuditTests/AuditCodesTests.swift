import Audit
import Foundation
import Testing

struct AuditCodesTests {
  /// The raw values are in logs that are kept for years: none may change.
  @Test func rawValuesAreKebabCaseAndKept() {
    let kept = [
      "decision-permit", "decision-deny", "break-glass", "break-glass-ended",
      "break-glass-reviewed", "read", "search", "write", "disclosure", "export", "import",
      "access-request", "grant", "revoke", "notice", "document-issued", "document-received",
      "document-opened", "document-verified", "document-revoked", "key-created", "key-rotated",
      "key-destroyed",
      "sign-in", "sign-out", "token-issued", "token-revoked", "role-changed", "peer-invited",
      "peer-paired", "peer-removed", "peer-refused", "entity-statement", "message-sent",
      "message-received",
      "audit-read", "integrity-failure", "node-started", "node-stopped", "node-configured",
    ]
    #expect(Set(kept).isSubset(of: Set(AuditEventKind.allCases.map(\.rawValue))))
    for kind in AuditEventKind.allCases {
      #expect(kind.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
    }
    #expect(AuditOutcome.allCases.map(\.code) == ["0", "4", "8", "12"])
  }

  @Test func theCodesOfTheProfiles() {
    #expect(AuditEventKind.disclosure.type.code == "110106")
    #expect(AuditEventKind.disclosure.usualAction == .read)
    #expect(AuditEventKind.decisionDeny.type.code == "110113")
    #expect(AuditEventKind.decisionDeny.subtype(for: .execute)?.code == "AuthZ-Consent")
    #expect(AuditEventKind.decisionDeny.usualOutcome == .minorFailure)
    #expect(AuditEventKind.breakGlass.subtype(for: .execute)?.code == "110127")
    #expect(AuditEventKind.read.type.code == "rest")
    #expect(AuditEventKind.search.usualAction == .execute)
    #expect(AuditEventKind.write.subtype(for: .create)?.code == "create")
    #expect(AuditEventKind.write.subtype(for: .delete)?.code == "delete")
  }

  /// Every code of the table is one that FHIR R4's own definitions list.
  @Test(.enabled(if: SharedDefinitions.folder != nil, "FHIR's definitions are not here"))
  func everyCodeIsDefined() throws {
    let folder = try #require(SharedDefinitions.folder)
    var known: Set<String> = []
    for name in ["valuesets-extensible-preferred.json", "valuesets-required.json"] {
      let data = try Data(contentsOf: folder.appending(path: name))
      collect(try JSONSerialization.jsonObject(with: data), system: nil, into: &known)
    }
    for kind in AuditEventKind.allCases {
      for action in AuditAction.allCases {
        for coding in [kind.type, kind.subtype(for: action)].compactMap({ $0 })
        where !coding.system.contains("profiles.ihe.net") {
          #expect(known.contains("\(coding.system)|\(coding.code)"), "\(kind): \(coding.code)")
        }
      }
    }
  }

  private func collect(_ value: Any, system: String?, into known: inout Set<String>) {
    if let list = value as? [Any] {
      for element in list { collect(element, system: system, into: &known) }
    } else if let object = value as? [String: Any] {
      let isCodeSystem = object["resourceType"] as? String == "CodeSystem"
      let system = object[isCodeSystem ? "url" : "system"] as? String ?? system
      if let code = object["code"] as? String, let system { known.insert("\(system)|\(code)") }
      for (_, member) in object { collect(member, system: system, into: &known) }
    }
  }
}

/// Finds the folder with FHIR's definitions that lies outside the repository.
enum SharedDefinitions {
  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["PEERCHART_SHARED"].map { URL(filePath: $0) }
    if let named { return definitions(in: named) }
    var place = URL(filePath: #filePath)
    while place.path() != "/" {
      place = place.deletingLastPathComponent()
      if let found = definitions(in: place.appending(path: "shared")) { return found }
    }
    return nil
  }()

  private static func definitions(in shared: URL) -> URL? {
    let folder = shared.appending(path: "definitions/r4")
    let corpus = shared.appending(path: "corpus")
    return [folder, corpus].allSatisfy { FileManager.default.fileExists(atPath: $0.path()) }
      ? folder : nil
  }
}
