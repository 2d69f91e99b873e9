/// A value that an expression leads to, with its data type where the name of the member says it.
package final class OracleItem {
  package let value: OracleJSON
  /// `Quantity` of `valueQuantity`; empty elsewhere.
  let type: String
  /// What is asked for again and again is worked out once.
  lazy var date = OracleValue.date(of: self)
  package private(set) lazy var references = OracleValue.references(of: self)
  /// The words of a string, folded.
  lazy var foldedWords = OracleValue.words(value).map(OracleValue.folded)

  init(value: OracleJSON, type: String = "") {
    self.value = value
    self.type = type
  }
}
