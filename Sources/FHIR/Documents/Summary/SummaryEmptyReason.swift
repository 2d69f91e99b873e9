/// What a List without entries says about a section (R4 `List.emptyReason`): that none are known, that
/// nobody asked.
struct SummaryEmptyReason: Sendable {
  let section: SummarySection
  let list: ReferenceTarget
  /// Of list-empty-reason.
  let code: String
  let display: String
  let date: String?
  private let time: Int64?

  /// Nil for any other List.
  init?(_ record: Resource, _ target: ReferenceTarget) {
    let root = record.root
    guard root["status"]?.isString("current") ?? false, root["entry"] == nil,
      root["mode"]?.isString("changes") != true, let listCode = root["code"],
      let section = SummarySection.allCases.first(where: { listCode.hasCode(of: $0.listCodes) }),
      let codes = root["emptyReason"]?["coding"]?.elements,
      let code = codes.lazy.compactMap({ $0["code"]?.string }).first(where: {
        SummaryCodes.emptyReasons[$0] != nil
      }), let display = SummaryCodes.emptyReasons[code]
    else { return nil }
    self.section = section
    list = target
    self.code = code
    self.display = display
    date = ClinicalText.date(root["date"])
    time = root["date"]?.string.flatMap { DateInterval(parsing: $0)?.start }
  }

  /// Whether this one counts rather than another about the same section: the newer.
  func precedes(_ other: SummaryEmptyReason) -> Bool {
    if time != other.time { return (time ?? .min) > (other.time ?? .min) }
    return list.id < other.list.id
  }
}
