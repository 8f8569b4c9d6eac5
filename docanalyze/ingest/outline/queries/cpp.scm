; inherits c

(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (reference_declarator (function_declarator declarator: (_) @name))
    (operator_cast) @name
  ]
  body: (_)? @body) @definition.function

(field_declaration
  declarator: [
    (function_declarator declarator: (field_identifier) @name)
    (function_declarator declarator: (operator_name) @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (reference_declarator (function_declarator declarator: (_) @name))
  ]) @definition.method

(declaration
  declarator: [
    (function_declarator declarator: [(destructor_name) (operator_name)] @name)
    (reference_declarator (function_declarator declarator: [(identifier) (operator_name)] @name))
  ]) @definition.function

(class_specifier
  name: [
    (type_identifier) @name
    (qualified_identifier) @name
  ]
  body: (_) @body) @definition.class

(class_specifier
  name: (template_type name: (_) @name)
  body: (_) @body) @definition.class

(struct_specifier
  name: (template_type name: (_) @name)
  body: (_) @body) @definition.struct

(namespace_definition
  name: (_) @name
  body: (_) @body) @definition.namespace

(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type

(template_declaration (_) @inner .) @whole

(field_declaration_list
  (field_declaration
    declarator: (reference_declarator (field_identifier))) @member)

[
  (for_range_loop)
  (catch_clause)
  (binary_expression operator: ["and" "or"])
] @branch

(call_expression function: (field_expression field: (field_identifier) @reference))
(call_expression function: (qualified_identifier name: (identifier) @reference))
(call_expression function: (template_function name: (identifier) @reference))
(template_function name: (identifier) @reference)
(qualified_identifier scope: (namespace_identifier) @reference)
