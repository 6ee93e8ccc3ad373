// Derived
