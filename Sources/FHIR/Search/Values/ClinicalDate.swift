public import Primitives

/// The moment a record is about: where its first `date` value begins. Nil where it has none, or one
/// without a beginning. A grant limited to a span of time goes by it.
public func clinicalDate(of resource: Resource) -> Instant? {
  guard let date = SearchParameterTable.standard.parameter("date", of: resource.type),
    date.kind == .date, let first = date.source.dates(in: resource.root).first,
    first.start != DateInterval.beginning
  else { return nil }
  return Instant(millisecondsSinceEpoch: first.start)
}
