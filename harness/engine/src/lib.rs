//! plan, invoke, observe, judge, record.
