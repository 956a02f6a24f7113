//! Oracles on hand-made observations: what counts, what is only listed, what is silent.
