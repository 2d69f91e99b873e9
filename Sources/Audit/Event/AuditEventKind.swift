/// What happened. The raw values are part of the format (docs/format/audit-entry.md): new kinds may
/// be added, none is ever renamed or given another meaning.
public enum AuditEventKind: String, CaseIterable, Sendable {
  // Decisions
  case decisionPermit = "decision-permit"
  case decisionDeny = "decision-deny"
  case breakGlass = "break-glass"
  case breakGlassEnded = "break-glass-ended"
  case breakGlassReviewed = "break-glass-reviewed"
  // Records
  case read
  case search
  case write
  case disclosure
  case export
  case `import`
  // Consent
  case accessRequest = "access-request"
  case grant
  case revoke
  case notice
  // Documents
  case documentIssued = "document-issued"
  case documentReceived = "document-received"
  case documentOpened = "document-opened"
  case documentVerified = "document-verified"
  case documentRevoked = "document-revoked"
  // Keys
  case keyCreated = "key-created"
  case keyRotated = "key-rotated"
  case keyDestroyed = "key-destroyed"
  // People and programs
  case signIn = "sign-in"
  case signInRefused = "sign-in-refused"
  case signOut = "sign-out"
  case accountInvited = "account-invited"
  case accountCreated = "account-created"
  case accountChanged = "account-changed"
  case relationshipChanged = "relationship-changed"
  case tokenIssued = "token-issued"
  case tokenRefused = "token-refused"
  case clientChanged = "client-changed"
  case tokenRevoked = "token-revoked"
  case roleChanged = "role-changed"
  // Other nodes
  case peerInvited = "peer-invited"
  case peerPaired = "peer-paired"
  case peerRemoved = "peer-removed"
  case peerRefused = "peer-refused"
  case entityStatement = "entity-statement"
  case messageSent = "message-sent"
  case messageReceived = "message-received"
  // The node itself
  case auditRead = "audit-read"
  case integrityFailure = "integrity-failure"
  case nodeStarted = "node-started"
  case nodeStopped = "node-stopped"
  case nodeConfigured = "node-configured"
}
