/// A value of the small part of JSON that audit events use.
indirect enum AuditJSON: Sendable {
  case object([String: AuditJSON])
  case array([AuditJSON])
  case string(String)
  case integer(Int)
}
