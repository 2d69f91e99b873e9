/// The one table from our kinds to the standards' codes (IHE BALP, DICOM PS3.15 A.5).
extension AuditEventKind {
  struct Codes {
    let type: AuditCoding
    let subtype: AuditCoding?
    let action: AuditAction
  }

  /// FHIR `AuditEvent.type`.
  public var type: AuditCoding { codes.type }

  /// FHIR `AuditEvent.subtype`; a write's depends on what was done.
  public func subtype(for action: AuditAction) -> AuditCoding? {
    guard self == .write else { return codes.subtype }
    switch action {
    case .create: return .interaction("create")
    case .delete: return .interaction("delete")
    case .read, .update, .execute: return .interaction("update")
    }
  }

  /// The action of events of this kind unless they say otherwise.
  public var usualAction: AuditAction { codes.action }

  /// The outcome of events of this kind unless they say otherwise.
  public var usualOutcome: AuditOutcome {
    switch self {
    case .decisionDeny, .peerRefused, .signInRefused, .tokenRefused: .minorFailure
    case .integrityFailure: .majorFailure
    default: .success
    }
  }

  var codes: Codes {
    func dicom(_ type: String, _ subtype: String? = nil, _ action: AuditAction) -> Codes {
      Codes(type: .dicom(type), subtype: subtype.map(AuditCoding.dicom), action: action)
    }
    func lifecycle(_ type: String, _ action: AuditAction) -> Codes {
      Codes(type: .lifecycle(type), subtype: nil, action: action)
    }
    let securityAlert = "110113"
    switch self {
    case .decisionPermit, .decisionDeny:
      return Codes(
        type: .dicom(securityAlert), subtype: .authorizationDecision, action: .execute)
    case .breakGlass: return dicom(securityAlert, "110127", .execute)
    case .breakGlassEnded: return dicom(securityAlert, "110138", .execute)
    case .breakGlassReviewed: return dicom(securityAlert, nil, .execute)
    case .read: return Codes(type: .rest, subtype: .interaction("read"), action: .read)
    case .search: return Codes(type: .rest, subtype: .interaction("search"), action: .execute)
    case .write: return Codes(type: .rest, subtype: nil, action: .update)
    case .disclosure:
      return Codes(type: .dicom("110106"), subtype: .lifecycle("disclose"), action: .read)
    case .export: return dicom("110106", nil, .read)
    case .import: return dicom("110107", nil, .create)
    case .accessRequest: return dicom("110112", nil, .execute)
    case .grant: return dicom(securityAlert, "110135", .create)
    case .revoke: return dicom(securityAlert, "110135", .update)
    case .notice: return dicom("110100", nil, .execute)
    case .documentIssued: return lifecycle("attest", .create)
    case .documentReceived: return lifecycle("receive", .create)
    case .documentOpened: return lifecycle("access", .read)
    case .documentVerified: return lifecycle("verify", .read)
    case .documentRevoked: return lifecycle("deprecate", .update)
    case .keyCreated: return dicom(securityAlert, "110129", .create)
    case .keyRotated: return dicom(securityAlert, "110129", .update)
    case .keyDestroyed: return dicom(securityAlert, "110129", .delete)
    case .signIn: return dicom("110114", "110122", .execute)
    case .signInRefused: return dicom("110114", "110122", .execute)
    case .signOut: return dicom("110114", "110123", .execute)
    case .accountInvited, .accountCreated: return dicom(securityAlert, "110137", .create)
    case .accountChanged, .relationshipChanged: return dicom(securityAlert, "110137", .update)
    case .tokenIssued: return dicom(securityAlert, "110137", .create)
    case .tokenRefused: return dicom(securityAlert, "110137", .execute)
    case .clientChanged: return dicom(securityAlert, "110137", .update)
    case .tokenRevoked: return dicom(securityAlert, "110137", .delete)
    case .roleChanged: return dicom(securityAlert, "110136", .update)
    case .peerInvited, .peerPaired: return dicom(securityAlert, "110128", .create)
    case .peerRemoved: return dicom(securityAlert, "110128", .delete)
    case .peerRefused: return dicom(securityAlert, "110126", .execute)
    case .entityStatement: return dicom(securityAlert, "110136", .create)
    case .messageSent: return lifecycle("transmit", .read)
    case .messageReceived: return lifecycle("receive", .create)
    case .auditRead: return dicom("110101", nil, .read)
    case .integrityFailure: return dicom(securityAlert, nil, .execute)
    case .nodeStarted: return dicom("110100", "110120", .execute)
    case .nodeStopped: return dicom("110100", "110121", .execute)
    case .nodeConfigured: return dicom(securityAlert, "110129", .update)
    }
  }
}
