extension BreakGlassSession {
  /// Whether the request is that of the one who broke the glass, for this patient, in a role that may.
  func belongs(to context: AccessContext) -> Bool {
    patient == context.patient && node == context.requester.node
      && person == context.requester.person && context.requester.role.mayCarryEmergency
  }

  /// Whether a request is of the sort that a session carries: reading, for an emergency.
  static func allows(_ context: AccessContext) -> Bool {
    PurposeSet.emergency.contains(context.purpose)
      && ActionSet([.read, .search]).contains(context.action)
  }
}
