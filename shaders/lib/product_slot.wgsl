// The matrix of slot `$` within a product: its rows, where they stand in the output, where its bias begins.
override rows$: u32;
override base$: u32 = 0u;
override bias_at$: u32 = 0u;
