; inherits jsx

(field_definition
  property: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method

(class_body (field_definition) @member)

(class_heritage (identifier) @reference)
